# What Windows is made for: x64, x86 or arm64; of the registry, because a process may be made for something else.
function Read-KanadeArchitecture {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $environment = Read-KanadeRegistry -Reading $Reading -Path 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment'
    return @{ AMD64 = 'x64'; x86 = 'x86'; ARM64 = 'arm64' }["$($environment.Values['PROCESSOR_ARCHITECTURE'])"]
}

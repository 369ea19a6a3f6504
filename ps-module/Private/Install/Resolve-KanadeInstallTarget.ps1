# Where a command installs, removes or looks: this PC, PCs by their names, or sessions that are open, each once. With Open it is to be
# given a session, and to have it closed.
function Resolve-KanadeInstallTarget {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [AllowEmptyCollection()][AllowNull()][string[]] $ComputerName,
        [AllowEmptyCollection()][AllowNull()][System.Management.Automation.Runspaces.PSSession[]] $Session
    )

    $make = { param($Name, $Session, $Open) [pscustomobject] @{ Name = $Name; Session = $Session; Open = $Open; File = $null; LogPath = $null; Argument = @{} } }
    $names = @{}
    foreach ($name in $ComputerName) {
        $name = $name.Trim()
        if ($names.ContainsKey($name)) { continue }
        $names[$name] = $true
        & $make $name $null $true
    }
    foreach ($one in $Session) {
        if ($names.ContainsKey($one.InstanceId)) { continue }
        $names[$one.InstanceId] = $true
        & $make $one.ComputerName $one $false
    }
    if ($names.Count -eq 0) { & $make ([System.Environment]::MachineName) $null $false }
}

# Says what has kept a package from one PC, and the next follows.
function Write-KanadeInstallError {
    [CmdletBinding()]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        # As whoever called the command named it.
        [Parameter(Mandatory = $true)][string] $ComputerName,
        # Why it did not begin; of Get-KanadeInstallFault.
        [Parameter(ParameterSetName = 'Fault', Mandatory = $true)][string] $Fault,
        [Parameter(ParameterSetName = 'Fault')][string] $Detail,
        # How it ended; of Get-KanadeMsiError.
        [Parameter(ParameterSetName = 'Record', Mandatory = $true)][System.Management.Automation.ErrorRecord] $Record
    )

    if ($PSCmdlet.ParameterSetName -eq 'Fault') { $Record = Get-KanadeInstallFault -Fault $Fault -ComputerName $ComputerName -Detail $Detail }
    $code = ($Record.FullyQualifiedErrorId -replace '^Kanade\.').Split(',')[0]
    $made = Get-KanadeErrorRecord -Code $code -Category $Record.CategoryInfo.Category -TargetObject $ComputerName -Message $Record.Exception.Message
    foreach ($key in $Record.Exception.Data.Keys) { $made.Exception.Data[$key] = $Record.Exception.Data[$key] }
    $Cmdlet.WriteError($made)
}

# An execution as the API tells it. Nothing when there is none of that id: that is an error of the command.
function Get-KanadeExecution {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][AllowEmptyString()][string] $ExecId,
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet
    )

    $execution = Invoke-KanadeRestMethod -Path ('/executions/' + [uri]::EscapeDataString($ExecId)) -PassError
    if ($execution -isnot [System.Management.Automation.ErrorRecord]) { return $execution }
    Write-KanadeError -Cmdlet $Cmdlet -Record $execution -TargetObject $ExecId -Missing "There is no execution '$ExecId'."
}

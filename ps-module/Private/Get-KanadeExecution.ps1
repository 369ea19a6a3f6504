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
    # Of other errors the next id would say the same again.
    if ($execution.FullyQualifiedErrorId -notmatch '^Kanade\.(?:not_found|invalid_id|http_404)\b') { throw $execution }
    $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'not_found' -Category ObjectNotFound -TargetObject $ExecId -Message "There is no execution '$ExecId'."))
}

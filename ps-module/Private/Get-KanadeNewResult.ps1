# The results of an execution that were not given yet, and remembers them: of the PCs that have ended, or of all that are left.
function Get-KanadeNewResult {
    [CmdletBinding()]
    [OutputType('Kanade.ExecResult')]
    param(
        # ExecId, and Given: the PCs whose result was given.
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Watched,
        [switch] $Rest
    )

    $query = @{ output = 'true' }
    if (-not $Rest) { $query.state = 'succeeded,failed,timed_out,killed,unknown,skipped,expired,cancelled,lost' }
    $path = '/executions/' + [uri]::EscapeDataString($Watched.ExecId) + '/targets'
    foreach ($row in Invoke-KanadeRestMethod -Path $path -Query $query -All) {
        if ($Watched.Given.Add($row.pc_id)) { ConvertTo-KanadeExecResult -Row $row -ExecId $Watched.ExecId }
    }
}

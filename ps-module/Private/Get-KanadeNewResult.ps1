# The results of an execution that were not given yet, and remembers them: of the PCs that have ended, or of all that are left.
# What was written is asked for of those alone, many at a time: it may be long, and the list is looked at again and again.
function Get-KanadeNewResult {
    [CmdletBinding()]
    [OutputType('Kanade.ExecResult')]
    param(
        # ExecId, and Given: the PCs whose result was given.
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Watched,
        [switch] $Rest
    )

    $query = @{}
    if (-not $Rest) { $query.state = 'succeeded,failed,timed_out,killed,unknown,skipped,expired,cancelled,lost' }
    $path = '/executions/' + [uri]::EscapeDataString($Watched.ExecId) + '/targets'
    $new = @(Invoke-KanadeRestMethod -Path $path -Query $query -All | Where-Object -FilterScript { -not $Watched.Given.Contains($_.pc_id) } | ForEach-Object -Process { $_.pc_id })
    foreach ($row in Get-KanadeRowOfPc -ExecId $Watched.ExecId -PcId $new -Output) {
        if ($Rest -or $row.state -notin 'queued', 'running') {
            $null = $Watched.Given.Add($row.pc_id)
            ConvertTo-KanadeExecResult -Row $row -ExecId $Watched.ExecId
        }
    }
}

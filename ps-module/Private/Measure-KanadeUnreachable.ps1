# How many PCs of an execution have not started it and are off.
function Measure-KanadeUnreachable {
    [CmdletBinding()]
    [OutputType([int])]
    param(
        [Parameter(Mandatory = $true)][string] $ExecId,
        # Of Get-KanadeOfflinePc.
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][System.Collections.Generic.HashSet[string]] $Offline
    )

    if ($Offline.Count -eq 0) { return 0 }
    $queued = Invoke-KanadeRestMethod -Path ('/executions/' + [uri]::EscapeDataString($ExecId) + '/targets') -Query @{ state = 'queued' } -All
    return @($queued | Where-Object -FilterScript { $Offline.Contains($_.pc_id) }).Count
}

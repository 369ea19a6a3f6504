# Gives one result per PC as it comes, until every PC that is online has ended or the time is up; what is left then follows in
# the state it is in. It looks again and again instead of keeping an event stream open: so Ctrl-C is heard at once in
# every PowerShell, and a connection that breaks costs nothing. Rows are listed only when the counts have changed.
function Wait-KanadeResult {
    [CmdletBinding()]
    [OutputType('Kanade.ExecResult')]
    param(
        [Parameter(Mandatory = $true)][string] $ExecId,
        # Seconds.
        [double] $TimeoutSec = [double]::PositiveInfinity
    )

    $path = '/executions/' + [uri]::EscapeDataString($ExecId)
    $final = 'succeeded,failed,timed_out,killed,unknown,skipped,expired,cancelled,lost'
    $activity = "Execution $ExecId"
    $given = New-Object -TypeName 'System.Collections.Generic.HashSet[string]'
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $pause = 100.0
    $told = ''
    $offline = New-Object -TypeName 'System.Collections.Generic.HashSet[string]'
    # A PC that was switched off or on meanwhile is noticed so many seconds later.
    $lookEvery = 5
    $lookAt = 0.0
    $ended = $false
    try {
        while ($true) {
            $execution = Invoke-KanadeRestMethod -Path $path
            $counts = ConvertTo-Json -InputObject $execution.counts -Compress
            if ($counts -ne $told) {
                $told = $counts
                $pause = 100.0
                foreach ($row in Invoke-KanadeRestMethod -Path "$path/targets" -Query @{ state = $final } -All) {
                    if ($given.Add($row.pc_id)) { ConvertTo-KanadeExecResult -Row $row -ExecId $ExecId }
                }
                # What has changed may be all that was still open.
                $lookAt = 0.0
            }
            $open = $execution.target_count - $given.Count
            if ($open -le 0) { break }
            if ($execution.counts.queued -gt 0 -and $clock.Elapsed.TotalSeconds -ge $lookAt) {
                $offline = Get-KanadeOfflinePc
                $queued = @(Invoke-KanadeRestMethod -Path "$path/targets" -Query @{ state = 'queued' } -All)
                $unreachable = @($queued | Where-Object -FilterScript { $offline.Contains($_.pc_id) }).Count
                $lookAt = $clock.Elapsed.TotalSeconds + $lookEvery
            } elseif ($execution.counts.queued -eq 0) {
                $unreachable = 0
            }
            $failed = $execution.counts.failed + $execution.counts.timed_out + $execution.counts.killed + $execution.counts.unknown + $execution.counts.lost
            Write-Progress -Activity $activity -Status "$($given.Count) of $($execution.target_count) done, $failed failed, $unreachable offline" -PercentComplete ([int] [Math]::Min(100, 100 * $given.Count / [Math]::Max(1, $execution.target_count)))
            if ($open -le $unreachable) { break }
            if ($clock.Elapsed.TotalSeconds -ge $TimeoutSec) {
                Write-Warning -Message "$($open - $unreachable) PCs have not ended within $TimeoutSec s. They go on: Get-KanadeExec -ExecId $ExecId shows how far they are."
                break
            }
            $left = ($TimeoutSec - $clock.Elapsed.TotalSeconds) * 1000
            Start-Sleep -Milliseconds ([int] [Math]::Max(1.0, [Math]::Min($pause, $left)))
            $pause = [Math]::Min(2000.0, $pause * 1.5)
        }
        foreach ($row in Invoke-KanadeRestMethod -Path "$path/targets" -All) {
            if ($given.Add($row.pc_id)) { ConvertTo-KanadeExecResult -Row $row -ExecId $ExecId }
        }
        $ended = $true
    } finally {
        Write-Progress -Activity $activity -Completed
        # After Ctrl-C nothing can be written to a stream any more, only to the host.
        if (-not $ended) { $Host.UI.WriteWarningLine("Nobody waits any more, and the PCs go on: Get-KanadeExec -ExecId $ExecId shows how far they are.") }
    }
}

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
    $activity = "Execution $ExecId"
    $watched = @{ ExecId = $ExecId; Given = New-Object -TypeName 'System.Collections.Generic.HashSet[string]' }
    $watch = Get-KanadeWatch -TimeoutSec $TimeoutSec
    $told = ''
    $unreachable = 0
    $ended = $false
    try {
        while ($true) {
            $execution = Invoke-KanadeRestMethod -Path $path
            $counts = $execution.counts
            $text = ConvertTo-Json -InputObject $counts -Compress
            if ($text -ne $told) {
                $told = $text
                $watch.Pause = 100.0
                Get-KanadeNewResult -Watched $watched
                # What has changed may be all that was still open.
                $watch.LookAt = 0.0
            }
            $done = $watched.Given.Count
            $open = $execution.target_count - $done
            if ($open -le 0) { break }
            if ($counts.queued -eq 0) {
                $unreachable = 0
            } elseif (Test-KanadeLook -Watch $watch) {
                $unreachable = Measure-KanadeUnreachable -ExecId $ExecId -Offline (Get-KanadeOfflinePc)
            }
            $failed = $counts.failed + $counts.timed_out + $counts.killed + $counts.unknown + $counts.lost
            Write-Progress -Activity $activity -Status "$done of $($execution.target_count) done, $failed failed, $unreachable offline" -PercentComplete ([int] [Math]::Min(100, 100 * $done / [Math]::Max(1, $execution.target_count)))
            if ($open -le $unreachable) { break }
            if (-not (Wait-KanadePause -Watch $watch)) {
                Write-Warning -Message "Within $TimeoutSec s $(Format-KanadePcCount -Number ($open - $unreachable)) did not end. What runs goes on: Receive-KanadeExec -ExecId $ExecId gives what comes of it."
                break
            }
        }
        if ($open -gt 0) { Get-KanadeNewResult -Watched $watched -Rest }
        $ended = $true
    } finally {
        Write-Progress -Activity $activity -Completed
        if (-not $ended) { Write-KanadeDetached -Message "Nobody waits any more, and the PCs go on: Wait-KanadeExec -ExecId $ExecId waits for them, Receive-KanadeExec -ExecId $ExecId gives what they say." }
    }
}

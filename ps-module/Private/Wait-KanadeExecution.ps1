# Gives each execution when it has ended, on the PCs that are online or on all. One that is not known, and one that takes too
# long, is an error of the command.
function Wait-KanadeExecution {
    [CmdletBinding()]
    [OutputType('Kanade.Execution')]
    param(
        [Parameter(Mandatory = $true)][string[]] $ExecId,
        # Seconds.
        [double] $TimeoutSec = [double]::PositiveInfinity,
        [switch] $IncludeOffline,
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet
    )

    $activity = "$($ExecId.Count) executions"
    if ($ExecId.Count -eq 1) { $activity = "Execution $ExecId" }
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $pause = 100.0
    # A PC that was switched off or on meanwhile is noticed so many seconds later.
    $lookEvery = 5
    $lookAt = 0.0
    $open = $ExecId
    $ended = $false
    try {
        while ($true) {
            $left = New-Object -TypeName 'System.Collections.Generic.List[string]'
            # Asked for at most once in a round.
            $offline = $null
            $looks = $clock.Elapsed.TotalSeconds -ge $lookAt
            $queued = 0
            $running = 0
            foreach ($id in $open) {
                $execution = Get-KanadeExecution -ExecId $id -Cmdlet $Cmdlet
                if ($null -eq $execution) { continue }
                $counts = $execution.counts
                $over = $execution.status -eq 'done'
                if (-not $over -and -not $IncludeOffline -and $counts.running -eq 0 -and $looks) {
                    if ($null -eq $offline) { $offline = Get-KanadeOfflinePc }
                    $over = (Measure-KanadeUnreachable -ExecId $id -Offline $offline) -eq $counts.queued
                }
                if ($over) {
                    ConvertTo-KanadeExecution -InputObject $execution
                    continue
                }
                $queued += $counts.queued
                $running += $counts.running
                $left.Add($id)
            }
            if ($null -ne $offline) { $lookAt = $clock.Elapsed.TotalSeconds + $lookEvery }
            # Not assigned in the loop: what is gone through would change.
            $open = $left.ToArray()
            if ($open.Count -eq 0) { break }
            Write-Progress -Activity $activity -Status "$($open.Count) to go: $running running, $queued queued" -PercentComplete ([int] (100 * ($ExecId.Count - $open.Count) / $ExecId.Count))
            if ($clock.Elapsed.TotalSeconds -ge $TimeoutSec) {
                $ended = $true
                foreach ($id in $open) {
                    $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'wait_timed_out' -Category OperationTimeout -TargetObject $id -Message "The execution $id has not ended within $TimeoutSec s. It goes on."))
                }
                break
            }
            Start-Sleep -Milliseconds ([int] [Math]::Max(1.0, [Math]::Min($pause, ($TimeoutSec - $clock.Elapsed.TotalSeconds) * 1000)))
            $pause = [Math]::Min(2000.0, $pause * 1.5)
        }
        $ended = $true
    } finally {
        Write-Progress -Activity $activity -Completed
        if (-not $ended) { Write-KanadeDetached -Message "Nobody waits any more, and the PCs go on: Get-KanadeExec shows how far they are, Stop-KanadeExec cancels." }
    }
}

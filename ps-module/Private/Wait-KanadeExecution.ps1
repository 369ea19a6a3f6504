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
    $watch = Get-KanadeWatch -TimeoutSec $TimeoutSec
    $open = $ExecId
    $ended = $false
    try {
        while ($true) {
            $left = New-Object -TypeName 'System.Collections.Generic.List[string]'
            # Asked for at most once in a round, and not in every round.
            $offline = $null
            $looks = $null
            $queued = 0
            $running = 0
            foreach ($id in $open) {
                $execution = Get-KanadeExecution -ExecId $id -Cmdlet $Cmdlet
                if ($null -eq $execution) { continue }
                $counts = $execution.counts
                $over = $execution.status -eq 'done'
                if (-not $over -and -not $IncludeOffline -and $counts.running -eq 0) {
                    if ($null -eq $looks) {
                        $looks = Test-KanadeLook -Watch $watch
                        if ($looks) { $offline = Get-KanadeOfflinePc }
                    }
                    if ($looks) { $over = (Measure-KanadeUnreachable -ExecId $id -Offline $offline) -eq $counts.queued }
                }
                if ($over) {
                    ConvertTo-KanadeExecution -InputObject $execution
                    continue
                }
                $queued += $counts.queued
                $running += $counts.running
                $left.Add($id)
            }
            # Not assigned in the loop: what is gone through would change.
            $open = $left.ToArray()
            if ($open.Count -eq 0) { break }
            Write-Progress -Activity $activity -Status "$($open.Count) to go: $running running, $queued queued" -PercentComplete ([int] (100 * ($ExecId.Count - $open.Count) / $ExecId.Count))
            if (-not (Wait-KanadePause -Watch $watch)) {
                $ended = $true
                foreach ($id in $open) {
                    $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'wait_timed_out' -Category OperationTimeout -TargetObject $id -Message "The execution $id has not ended within $TimeoutSec s. It goes on."))
                }
                break
            }
        }
        $ended = $true
    } finally {
        Write-Progress -Activity $activity -Completed
        if (-not $ended) { Write-KanadeDetached -Message "Nobody waits any more, and the PCs go on: Get-KanadeExec shows how far they are, Stop-KanadeExec cancels." }
    }
}

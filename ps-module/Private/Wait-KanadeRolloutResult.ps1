# Gives one result per PC as it comes, wave by wave, until the rollout is over, is halted, or the time is up; what is left of
# the waves that were sent then follows in the state it is in. That later waves were not sent is an error of the command.
function Wait-KanadeRolloutResult {
    [CmdletBinding()]
    [OutputType('Kanade.ExecResult')]
    param(
        [Parameter(Mandatory = $true)][string] $RolloutId,
        # Seconds.
        [double] $TimeoutSec = [double]::PositiveInfinity,
        # Whose error it is. Default: this function's own, as in a job.
        [System.Management.Automation.PSCmdlet] $Cmdlet = $PSCmdlet
    )

    $path = '/rollouts/' + [uri]::EscapeDataString($RolloutId)
    $activity = "Rollout $RolloutId"
    # By the number of the wave.
    $watched = @{}
    $told = @{}
    $watch = Get-KanadeWatch -TimeoutSec $TimeoutSec
    $ended = $false
    try {
        while ($true) {
            $rollout = Invoke-KanadeRestMethod -Path $path
            $sent = @($rollout.waves | Where-Object -FilterScript { $null -ne $_.counts })
            foreach ($wave in $sent) {
                $text = ConvertTo-Json -InputObject $wave.counts -Compress
                if ($told[$wave.n] -eq $text) { continue }
                $told[$wave.n] = $text
                $watch.Pause = 100.0
                if (-not $watched.ContainsKey($wave.n)) { $watched[$wave.n] = @{ ExecId = $wave.exec_id; Given = New-Object -TypeName 'System.Collections.Generic.HashSet[string]' } }
                Get-KanadeNewResult -Watched $watched[$wave.n]
            }
            $done = 0
            foreach ($one in $watched.Values) { $done += $one.Given.Count }
            $failed = 0
            $unreachable = 0
            foreach ($wave in $sent) {
                $failed += $wave.failed
                $unreachable += $wave.unreachable
            }
            Write-Progress -Activity $activity -Status "$($sent.Count) of $(@($rollout.waves).Count) waves sent: $done of $($rollout.target_count) done, $failed failed, $unreachable offline" -CurrentOperation "$($rollout.next.why)" -PercentComplete ([int] [Math]::Min(100, 100 * $done / [Math]::Max(1, $rollout.target_count)))
            if ($rollout.status -in 'completed', 'aborted', 'halted') { break }
            if (-not (Wait-KanadePause -Watch $watch)) {
                Write-Warning -Message "The rollout is not over within $TimeoutSec s. It goes on: Get-KanadeRollout -RolloutId $RolloutId shows how far it is."
                break
            }
        }
        foreach ($n in $watched.Keys | Sort-Object) { Get-KanadeNewResult -Watched $watched[$n] -Rest }
        $ended = $true
        if ($rollout.status -eq 'halted') {
            $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'rollout_halted' -Category OperationStopped -TargetObject $RolloutId -Message "The rollout has halted: $($rollout.halted.detail). Resume-KanadeRollout -RolloutId $RolloutId accepts that and goes on, Stop-KanadeRollout ends it."))
        } elseif ($rollout.status -eq 'aborted') {
            $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'rollout_aborted' -Category OperationStopped -TargetObject $RolloutId -Message "The rollout $RolloutId was aborted."))
        }
    } finally {
        Write-Progress -Activity $activity -Completed
        if (-not $ended) { Write-KanadeDetached -Message "Nobody waits any more, and the rollout goes on: Get-KanadeRollout -RolloutId $RolloutId shows how far it is, Stop-KanadeRollout -RolloutId $RolloutId ends it." }
    }
}

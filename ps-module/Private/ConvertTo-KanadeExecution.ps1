function ConvertTo-KanadeExecution {
    [CmdletBinding()]
    [OutputType('Kanade.Execution')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        $counts = $InputObject.counts
        [pscustomobject] @{
            PSTypeName  = 'Kanade.Execution'
            ExecId      = $InputObject.exec_id
            Status      = $InputObject.status
            SubmittedAt = ConvertFrom-KanadeInstant -Value $InputObject.submitted_at
            ExpiresAt   = ConvertFrom-KanadeInstant -Value $InputObject.expires_at
            Actor       = $InputObject.actor
            JobId       = $InputObject.job_id
            Shell       = $InputObject.shell
            # The version that agents are to become, where it is no script.
            UpdateTo    = $InputObject.update_version
            Script      = $InputObject.script_preview
            Target      = ConvertTo-KanadeTargetText -Target $InputObject.target
            TargetCount = $InputObject.target_count
            Queued      = $counts.queued
            Running     = $counts.running
            Succeeded   = $counts.succeeded
            # What an admin has to look at; what was cancelled, skipped or expired was not run.
            Failed      = $counts.failed + $counts.timed_out + $counts.killed + $counts.unknown + $counts.lost
            NotRun      = $counts.skipped + $counts.expired + $counts.cancelled
            CancelledBy = $(if ($null -ne $InputObject.cancelled) { $InputObject.cancelled.actor })
            RerunOf     = $InputObject.rerun_of
            ScheduleId  = $InputObject.schedule_id
            RolloutId   = $InputObject.rollout_id
            Wave        = $InputObject.wave
        }
    }
}

# A rollout, whole or as the list has it: of one that cannot be read the list knows no more than its id and why.
function ConvertTo-KanadeRollout {
    [CmdletBinding()]
    [OutputType('Kanade.Rollout')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        $whole = $null -ne $InputObject.PSObject.Properties['history']
        $waves = @()
        if ($whole) { $waves = @($InputObject.waves | ConvertTo-KanadeRolloutWave -RolloutId $InputObject.rollout_id) }
        $sum = @{}
        foreach ($name in 'Succeeded', 'Failed', 'Running', 'Waiting', 'Unreachable') {
            $sum[$name] = 0
            foreach ($wave in $waves) { $sum[$name] += $wave.$name }
        }
        [pscustomobject] @{
            PSTypeName  = 'Kanade.Rollout'
            RolloutId   = $InputObject.rollout_id
            Status      = $InputObject.status
            CreatedAt   = ConvertFrom-KanadeInstant -Value $InputObject.created_at
            Actor       = $InputObject.actor
            JobId       = $InputObject.job_id
            ScheduleId  = $InputObject.schedule_id
            Target      = $(if ($whole) { ConvertTo-KanadeTargetText -Target $InputObject.target })
            TargetCount = $InputObject.target_count
            WaveCount   = $waves.Count
            WavesSent   = @($waves | Where-Object -FilterScript { $null -ne $_.StartedAt }).Count
            Succeeded   = $sum.Succeeded
            Failed      = $sum.Failed
            Running     = $sum.Running
            # Online, and not started yet.
            Waiting     = $sum.Waiting
            # Off, or it has expired for them.
            Unreachable = $sum.Unreachable
            # What it waits for, or why it stands still.
            Next        = $(if (-not $whole) { $InputObject.error } elseif ($null -ne $InputObject.halted) { $InputObject.halted.detail } else { $InputObject.next.why })
            Waves       = $waves
            History     = $(if ($whole) { @($InputObject.history | ConvertTo-KanadeRolloutStep) } else { @() })
            # The executions of its waves, for whatever takes an ExecId from the pipeline.
            ExecId      = [string[]] @($waves | Where-Object -FilterScript { $_.ExecId } | ForEach-Object -Process { $_.ExecId })
        }
    }
}

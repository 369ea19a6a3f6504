function ConvertTo-KanadeRolloutWave {
    [CmdletBinding()]
    [OutputType('Kanade.RolloutWave')]
    param(
        [Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject,
        [Parameter(Mandatory = $true)][string] $RolloutId
    )

    process {
        [pscustomobject] @{
            PSTypeName  = 'Kanade.RolloutWave'
            Wave        = $InputObject.n
            TargetCount = $InputObject.count
            StartedAt   = ConvertFrom-KanadeInstant -Value $InputObject.started_at
            Succeeded   = $InputObject.succeeded
            Failed      = $InputObject.failed
            Running     = $InputObject.running
            Waiting     = $InputObject.waiting
            Unreachable = $InputObject.unreachable
            # For a freeze or a later fire, for anything else, or because it was cancelled.
            NotRun      = $InputObject.put_off + $InputObject.skipped
            ExecId      = $InputObject.exec_id
            RolloutId   = $RolloutId
        }
    }
}

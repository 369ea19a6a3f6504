function Get-KanadeExec {
    <#
    .SYNOPSIS
        Gets executions: what was sent, by whom, and how many PCs are how far.
    .DESCRIPTION
        Without an id it lists the executions of the last 90 days that all filters fit, newest first. With ids it gives these; an id
        that is not known is an error of its own, and the others are given.
    .PARAMETER ExecId
        The executions, also from the pipeline.
    .PARAMETER JobId
        Only executions of this job.
    .PARAMETER ScheduleId
        Only what this schedule has fired.
    .PARAMETER RolloutId
        Only the waves of this rollout.
    .PARAMETER Actor
        Only what this account has submitted.
    .PARAMETER State
        Only executions with at least one PC in one of these states.
    .PARAMETER Since
        Only what was submitted at this time or later.
    .PARAMETER First
        The newest so many. Default: 50, with -Since all.
    .EXAMPLE
        Get-KanadeExec -First 10

        The ten newest executions.
    .EXAMPLE
        Get-KanadeExec -State failed, timed_out -Since (Get-Date).AddDays(-1)

        What has failed anywhere since yesterday.
    .EXAMPLE
        $exec = Invoke-KanadeExec -All -ScriptBlock { Get-Date } -Shell powershell
        $exec | Get-KanadeExec

        How far it is by now.
    .INPUTS
        System.String, or any object with an ExecId, such as a Kanade.Execution or a Kanade.ExecResult.
    .OUTPUTS
        Kanade.Execution
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    [OutputType('Kanade.Execution')]
    param(
        [Parameter(ParameterSetName = 'Id', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'exec_id')]
        [string[]] $ExecId,

        [Parameter(ParameterSetName = 'List')]
        [string] $JobId,

        [Parameter(ParameterSetName = 'List')]
        [string] $ScheduleId,

        [Parameter(ParameterSetName = 'List')]
        [string] $RolloutId,

        [Parameter(ParameterSetName = 'List')]
        [string] $Actor,

        [Parameter(ParameterSetName = 'List')]
        [ValidateSet('queued', 'running', 'succeeded', 'failed', 'timed_out', 'killed', 'unknown', 'skipped', 'expired', 'cancelled', 'lost')]
        [string[]] $State,

        [Parameter(ParameterSetName = 'List')]
        [datetime] $Since,

        [Parameter(ParameterSetName = 'List')]
        [ValidateRange(1, 2147483647)]
        [int] $First = 50
    )

    process {
        if ($PSCmdlet.ParameterSetName -eq 'List') {
            $query = @{}
            if ($JobId) { $query.job_id = $JobId }
            if ($ScheduleId) { $query.schedule_id = $ScheduleId }
            if ($RolloutId) { $query.rollout_id = $RolloutId }
            if ($Actor) { $query.actor = $Actor }
            if ($State) { $query.state = $State -join ',' }
            if ($PSBoundParameters.ContainsKey('Since')) {
                $query.since = ConvertTo-KanadeInstant -Value $Since
            }
            try {
                Invoke-KanadeRestMethod -Path '/executions' -Query $query -All -First (Resolve-KanadeFirst -Bound $PSBoundParameters -First $First) | ConvertTo-KanadeExecution
            } catch {
                $PSCmdlet.ThrowTerminatingError($_)
            }
            return
        }
        try {
            foreach ($id in $ExecId) { Get-KanadeExecution -ExecId $id -Cmdlet $PSCmdlet | ConvertTo-KanadeExecution }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

function Get-KanadeExec {
    <#
    .SYNOPSIS
        Gets executions: what was sent, by whom, and how many PCs are how far.
    .DESCRIPTION
        Without an id it lists the executions of the last 90 days that all filters fit, newest first. With ids it gives these; an id
        that is not known is an error of its own, and the others are given.
        Each PC counts once: in Succeeded; in Failed when it failed, timed out, was killed or lost, or ended as unknown; in NotRun when
        it skipped it, or when it has expired or was cancelled before it ran; in Running; or in Queued. Together they are TargetCount.
    .PARAMETER ExecId
        The executions, also from the pipeline.
    .PARAMETER ComputerName
        Only executions that were for one of these PCs, each once; -State is then what became of it there. Of a full name the first
        label counts, whatever its case. Takes objects with a ComputerName, Name, DNSHostName, PSComputerName or pc_id from the
        pipeline, such as those of Get-KanadeAgent. A PC that is not enrolled may still have some.
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
        The newest so many, of each PC when PCs are named. Default: 50, with -Since all.
    .EXAMPLE
        Get-KanadeExec -First 10

        The ten newest executions.
    .EXAMPLE
        Get-KanadeExec -State failed, timed_out -Since (Get-Date).AddDays(-1)

        What has failed anywhere since yesterday.
    .EXAMPLE
        Get-KanadeExec -ComputerName PC1 -First 5

        The five newest executions that were for a PC.
    .EXAMPLE
        $exec = Invoke-KanadeExec -All -ScriptBlock { Get-Date } -Shell powershell
        $exec | Get-KanadeExec

        How far it is by now.
    .INPUTS
        System.String, or any object with an ExecId, such as a Kanade.Execution or a Kanade.ExecResult; or with a ComputerName, such as a
        Kanade.Agent.
    .OUTPUTS
        Kanade.Execution
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    [OutputType('Kanade.Execution')]
    param(
        [Parameter(ParameterSetName = 'Id', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'exec_id')]
        [string[]] $ExecId,

        [Parameter(ParameterSetName = 'List', ValueFromPipelineByPropertyName = $true)]
        [Alias('Name', 'DNSHostName', 'PSComputerName', 'pc_id')]
        [string[]] $ComputerName,

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

    begin {
        $named = $PSBoundParameters.ContainsKey('ExecId') -or $PSBoundParameters.ContainsKey('ComputerName')
        $filtered = @($PSBoundParameters.Keys | Where-Object -FilterScript { $_ -in 'JobId', 'ScheduleId', 'RolloutId', 'Actor', 'State', 'Since', 'First' }).Count -gt 0
        # Of several PCs the same execution may be found.
        $given = New-Object -TypeName 'System.Collections.Generic.HashSet[string]'
        $query = @{}
        if ($JobId) { $query.job_id = $JobId }
        if ($ScheduleId) { $query.schedule_id = $ScheduleId }
        if ($RolloutId) { $query.rollout_id = $RolloutId }
        if ($Actor) { $query.actor = $Actor }
        if ($State) { $query.state = $State -join ',' }
        if ($PSBoundParameters.ContainsKey('Since')) { $query.since = ConvertTo-KanadeInstant -Value $Since }
        $newest = Resolve-KanadeFirst -Bound $PSBoundParameters -First $First
    }

    process {
        $ids = $ExecId
        $pcs = @($null)
        try {
            if ($named -or -not $PSCmdlet.MyInvocation.ExpectingInput) {
                if ($ComputerName) { $pcs = @($ComputerName | Resolve-KanadeTarget -Cmdlet $PSCmdlet -NoGroup | ForEach-Object -Process { $_.Name }) }
            } elseif ($_ -isnot [string]) {
                # An id by parameter would be the object's text where it has none, and of a result its PC would come first.
                $own = @($_.PSObject.Properties | Where-Object -FilterScript { $_.Name -in 'ExecId', 'exec_id', 'Id' -and $_.Value })
                if ($own.Count -gt 0 -and -not $filtered) {
                    $ids = @($own[0].Value)
                } else {
                    $ids = @()
                    $pcs = @($_ | Resolve-KanadeTarget -Cmdlet $PSCmdlet -NoGroup | ForEach-Object -Process { $_.Name })
                }
            }
            if ($ids) {
                foreach ($id in $ids) { Get-KanadeExecution -ExecId $id -Cmdlet $PSCmdlet | ConvertTo-KanadeExecution }
                return
            }
            foreach ($pc in $pcs) {
                $query.pc = $pc
                Invoke-KanadeRestMethod -Path '/executions' -Query $query -All -First $newest | Where-Object -FilterScript { $given.Add($_.exec_id) } | ConvertTo-KanadeExecution
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

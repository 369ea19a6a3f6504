function Start-KanadeSchedule {
    <#
    .SYNOPSIS
        Runs the job of schedules now, on all PCs they mean.
    .DESCRIPTION
        It does not matter when the schedule is due, whether it is enabled, whether schedules are frozen, and who has it already. PCs that
        succeed count as done for the schedule. With waves it starts a rollout. Gives the execution at once, of a rollout that of its first
        wave.
    .PARAMETER ScheduleId
        The schedules, also from the pipeline.
    .PARAMETER WhatIf
        Says what would be run, and runs nothing.
    .PARAMETER Confirm
        Asks for each.
    .EXAMPLE
        Start-KanadeSchedule -ScheduleId disk-cleanup

        Runs it once, out of turn.
    .EXAMPLE
        Get-KanadeSchedule | Where-Object -Property JobId -EQ update-tools | Start-KanadeSchedule -Confirm

        Asks for each schedule of a job whether to run it now.
    .INPUTS
        System.String, or any object with a ScheduleId.
    .OUTPUTS
        Kanade.Execution
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType('Kanade.Execution')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id')]
        [string[]] $ScheduleId
    )

    process {
        foreach ($id in $ScheduleId) {
            if (-not $PSCmdlet.ShouldProcess("schedule $id", 'Run now')) { continue }
            $call = @{ Method = 'POST'; Path = "/schedules/$([uri]::EscapeDataString($id))/run-now"; IdempotencyKey = [guid]::NewGuid().ToString() }
            $started = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "There is no schedule '$id'." -Call $call
            if (-not $started.Ok) { continue }
            $execution = Invoke-KanadeRestMethod -Path "/executions/$($started.Value.exec_id)" -PassError
            if ($execution -isnot [System.Management.Automation.ErrorRecord]) { ConvertTo-KanadeExecution -InputObject $execution }
            # The rollout is there, and whoever holds the lease submits its first wave.
            elseif ($execution.FullyQualifiedErrorId -like 'Kanade.not_found*') { Write-Warning -Message "The schedule $id has started the rollout $($started.Value.rollout_id), and its first wave waits." }
            else { Write-KanadeError -Cmdlet $PSCmdlet -Record $execution -TargetObject $id }
        }
    }
}

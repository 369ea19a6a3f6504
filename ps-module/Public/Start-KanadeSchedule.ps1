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
    .PARAMETER Force
        Does not ask, however many PCs a schedule means. Else it asks when these are more than $KanadeConfirmThreshold says, by default 20.
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
        [Alias('Id', 'schedule_id')]
        [string[]] $ScheduleId,

        [switch] $Force
    )

    process {
        foreach ($id in $ScheduleId) {
            if (-not $PSCmdlet.ShouldProcess("schedule $id", 'Run now')) { continue }
            $path = "/schedules/$([uri]::EscapeDataString($id))"
            $target = @{ Cmdlet = $PSCmdlet; TargetObject = $id; Missing = "There is no schedule '$id'." }
            $covered = Invoke-KanadeTargetCall @target -Call @{ Path = "$path/coverage"; Query = @{ limit = 1 } }
            if (-not $covered.Ok) { continue }
            $number = ($covered.Value.counts.PSObject.Properties.Value | Measure-Object -Sum).Sum
            try {
                if (-not (Confirm-KanadeTarget -Cmdlet $PSCmdlet -Force:$Force -Action "Run the schedule $id now on" -Number $number)) { continue }
            } catch {
                $PSCmdlet.ThrowTerminatingError($_)
            }
            $started = Invoke-KanadeTargetCall @target -Call @{ Method = 'POST'; Path = "$path/run-now"; IdempotencyKey = [guid]::NewGuid().ToString() }
            if (-not $started.Ok) { continue }
            $execution = Invoke-KanadeRestMethod -Path "/executions/$($started.Value.exec_id)" -PassError
            if ($execution -isnot [System.Management.Automation.ErrorRecord]) { ConvertTo-KanadeExecution -InputObject $execution }
            # The rollout is there, and whoever holds the lease submits its first wave.
            elseif ($execution.FullyQualifiedErrorId -like 'Kanade.not_found*') { Write-Warning -Message "The schedule $id has started the rollout $($started.Value.rollout_id), and its first wave waits." }
            else { Write-KanadeError -Cmdlet $PSCmdlet -Record $execution -TargetObject $id }
        }
    }
}

function Remove-KanadeSchedule {
    <#
    .SYNOPSIS
        Deletes schedules: they fire nothing any more.
    .DESCRIPTION
        What it has fired goes on. What PCs have completed is remembered: a schedule that is made under the same id later does not do
        it again.
        Ids that are not known are errors of their own, and the others are deleted.
    .PARAMETER ScheduleId
        The schedules, also from the pipeline.
    .PARAMETER WhatIf
        Says what would be deleted, and deletes nothing.
    .PARAMETER Confirm
        Asks for each; that is the default. -Confirm:$false does not ask.
    .EXAMPLE
        Remove-KanadeSchedule -ScheduleId disk-cleanup

        Asks, and deletes a schedule.
    .EXAMPLE
        Get-KanadeSchedule | Where-Object -Property JobId -EQ old-job | Remove-KanadeSchedule -Confirm:$false

        Deletes the schedules of a job without asking.
    .INPUTS
        System.String, or any object with a ScheduleId.
    .OUTPUTS
        None
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'schedule_id')]
        [string[]] $ScheduleId
    )

    process {
        foreach ($id in $ScheduleId) {
            Assert-KanadePrompt -Cmdlet $PSCmdlet -Target "schedule $id" -Action 'Delete'
            if (-not $PSCmdlet.ShouldProcess("schedule $id", 'Delete')) { continue }
            $null = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "There is no schedule '$id'." -Call @{ Method = 'DELETE'; Path = "/schedules/$([uri]::EscapeDataString($id))" }
        }
    }
}

function Disable-KanadeSchedule {
    <#
    .SYNOPSIS
        Disables schedules: they fire nothing until they are enabled again.
    .DESCRIPTION
        What it has fired goes on, and its rollout waits. To stop what it has fired as well, cancel that; to stop all schedules, use
        Set-KanadeFreeze.
        Ids that are not known are errors of their own, and the others are done.
    .PARAMETER ScheduleId
        The schedules, also from the pipeline.
    .PARAMETER PassThru
        Gives each schedule as it is now.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks for each.
    .EXAMPLE
        Disable-KanadeSchedule -ScheduleId disk-cleanup

        Disables a schedule.
    .EXAMPLE
        Get-KanadeSchedule | Where-Object -Property JobId -EQ disk-cleanup | Disable-KanadeSchedule -WhatIf

        Shows which schedules of a job would be disabled.
    .INPUTS
        System.String, or any object with a ScheduleId.
    .OUTPUTS
        Kanade.Schedule with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'Medium')]
    [OutputType('Kanade.Schedule')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'schedule_id')]
        [string[]] $ScheduleId,

        [switch] $PassThru
    )

    process {
        foreach ($id in $ScheduleId) {
            if (-not $PSCmdlet.ShouldProcess("schedule $id", 'Disable')) { continue }
            $done = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "There is no schedule '$id'." -Call @{ Method = 'POST'; Path = "/schedules/$([uri]::EscapeDataString($id))/disable" }
            if ($done.Ok -and $PassThru) { Get-KanadeSchedule -ScheduleId $id }
        }
    }
}

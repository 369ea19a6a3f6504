function Enable-KanadeSchedule {
    <#
    .SYNOPSIS
        Enables schedules: they fire again when they are due.
    .DESCRIPTION
        What was due while it was disabled is not made up for, and what had failed too often is tried anew.
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
        Enable-KanadeSchedule -ScheduleId disk-cleanup

        Enables a schedule.
    .EXAMPLE
        Get-KanadeSchedule | Where-Object -Property Enabled -EQ $false | Enable-KanadeSchedule -PassThru

        Enables all that are disabled, and shows when they are due.
    .INPUTS
        System.String, or any object with a ScheduleId.
    .OUTPUTS
        Kanade.Schedule with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType('Kanade.Schedule')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'schedule_id')]
        [string[]] $ScheduleId,

        [switch] $PassThru
    )

    process {
        foreach ($id in $ScheduleId) {
            if (-not $PSCmdlet.ShouldProcess("schedule $id", 'Enable')) { continue }
            $done = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "There is no schedule '$id'." -Call @{ Method = 'POST'; Path = "/schedules/$([uri]::EscapeDataString($id))/enable" }
            if ($done.Ok -and $PassThru) { Get-KanadeSchedule -ScheduleId $id }
        }
    }
}

function Get-KanadeScheduleForecast {
    <#
    .SYNOPSIS
        Tells when schedules are due next, and why nothing will be fired then.
    .DESCRIPTION
        Without an id it tells what is due next over all schedules that are enabled, soonest first. With ids it tells that of each, also of
        one that is disabled. Blocked says what will keep it from firing, such as a freeze, a closed window or a skipped day; it is empty
        when it will fire. A form that is looked at every minute, such as per_pc, has no times of its own.
    .PARAMETER ScheduleId
        The schedules, also from the pipeline.
    .PARAMETER First
        The next so many; of one schedule 100 at most. Default: 10.
    .EXAMPLE
        Get-KanadeScheduleForecast -First 20

        What is due next.
    .EXAMPLE
        Get-KanadeScheduleForecast -ScheduleId disk-cleanup | Where-Object -Property Blocked

        The times at which a schedule will not fire.
    .INPUTS
        System.String, or any object with a ScheduleId.
    .OUTPUTS
        Kanade.Forecast
    #>
    [CmdletBinding(DefaultParameterSetName = 'Upcoming')]
    [OutputType('Kanade.Forecast')]
    param(
        [Parameter(ParameterSetName = 'Id', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'schedule_id')]
        [string[]] $ScheduleId,

        [ValidateRange(1, 500)]
        [int] $First = 10
    )

    process {
        if ($PSCmdlet.ParameterSetName -eq 'Upcoming') {
            try {
                $page = Invoke-KanadeRestMethod -Path '/schedules/upcoming' -Query @{ limit = $First }
            } catch {
                $PSCmdlet.ThrowTerminatingError($_)
            }
            foreach ($row in $page.items) { ConvertTo-KanadeForecast -ScheduleId $row.schedule_id -InputObject $row }
            return
        }
        foreach ($id in $ScheduleId) {
            $page = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "There is no schedule '$id'." -Call @{ Path = "/schedules/$([uri]::EscapeDataString($id))/forecast"; Query = @{ count = $First } }
            if ($page.Ok) { foreach ($row in $page.Value.items) { ConvertTo-KanadeForecast -ScheduleId $id -InputObject $row } }
        }
    }
}

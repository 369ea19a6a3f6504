function ConvertTo-KanadeForecast {
    [CmdletBinding()]
    [OutputType('Kanade.Forecast')]
    param(
        [Parameter(Mandatory = $true)][string] $ScheduleId,
        [Parameter(Mandatory = $true)][psobject] $InputObject
    )

    [pscustomobject] @{
        PSTypeName = 'Kanade.Forecast'
        ScheduleId = $ScheduleId
        At         = ConvertFrom-KanadeInstant -Value $InputObject.at
        Zone       = $InputObject.zone
        Blocked    = $InputObject.blocked
    }
}

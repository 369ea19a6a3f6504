# A time to the minute: Windows and Linux work out when they were started from a clock that is being set, and would
# say it a little different each time.
function ConvertTo-KanadeMinute {
    [CmdletBinding()]
    [OutputType([datetime])]
    param([AllowNull()][object] $Value)

    if ($null -eq $Value) { return $null }
    $minute = [timespan]::TicksPerMinute
    $ticks = [long] [Math]::Floor(($Value.Ticks + $minute / 2) / $minute) * $minute
    return New-Object -TypeName System.DateTime -ArgumentList $ticks, $Value.Kind
}

# A time of the API as a DateTime of this PC's zone, as every other command of PowerShell shows times; $null stays $null.
function ConvertFrom-KanadeInstant {
    [CmdletBinding()]
    [OutputType([datetime])]
    param([AllowNull()][object] $Value)

    if ($null -eq $Value) { return $null }
    # PowerShell 7.0 to 7.4 has made a date of it already.
    if ($Value -is [datetime]) { return $Value.ToLocalTime() }
    return [System.DateTimeOffset]::Parse($Value, [cultureinfo]::InvariantCulture).LocalDateTime
}

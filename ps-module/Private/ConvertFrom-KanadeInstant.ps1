# A time of the API as a DateTime of this PC's zone, as every other command of PowerShell shows times; $null stays $null.
function ConvertFrom-KanadeInstant {
    [CmdletBinding()]
    [OutputType([datetime])]
    param([AllowNull()][object] $Value)

    if ($null -eq $Value) { return $null }
    return [System.DateTimeOffset]::Parse($Value, [cultureinfo]::InvariantCulture).LocalDateTime
}

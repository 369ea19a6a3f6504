# A time as the API takes it; a time without a zone is one of this PC's.
function ConvertTo-KanadeInstant {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][datetime] $Value)

    return $Value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", [cultureinfo]::InvariantCulture)
}

# The seconds of what ConvertTo-KanadeDuration gives.
function ConvertFrom-KanadeDuration {
    [CmdletBinding()]
    [OutputType([double])]
    param([Parameter(Mandatory = $true)][string] $Duration)

    $units = @{ ms = 0.001; s = 1; m = 60; h = 3600; d = 86400; w = 604800 }
    $seconds = 0.0
    foreach ($match in [regex]::Matches($Duration, '(\d+)(ms|s|m|h|d|w)')) {
        $seconds += [double] $match.Groups[1].Value * $units[$match.Groups[2].Value]
    }
    return $seconds
}

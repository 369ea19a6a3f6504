# A time span, a number of seconds or text such as 90s, 1h30m or 7d, the way the API writes it.
function ConvertTo-KanadeDuration {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][object] $Value,
        [Parameter(Mandatory = $true)][string] $Name
    )

    $seconds = $null
    $span = [timespan]::Zero
    # Without quotes 7d is a number to PowerShell, of the type decimal; a cast gives what was typed, and "$Value" does not.
    $typed = [string] $Value
    if ($Value -is [timespan]) { $seconds = $Value.TotalSeconds }
    elseif ($typed -cmatch '^(?:\d+(?:ms|s|m|h|d|w))+$') { return $typed }
    elseif ($Value -is [int] -or $Value -is [long] -or $Value -is [double]) { $seconds = $Value }
    elseif ("$Value" -match '^\d+$') { $seconds = [double] "$Value" }
    elseif ([timespan]::TryParse("$Value", [cultureinfo]::InvariantCulture, [ref] $span)) { $seconds = $span.TotalSeconds }
    if ($null -eq $seconds -or $seconds -lt 0) {
        throw (Get-KanadeErrorRecord -Code 'invalid_duration' -Category InvalidArgument -TargetObject $Value -Message "-$Name '$Value' is not a time: say 90s, 5m, 12h or 7d, a number of seconds, or a time span.")
    }
    return ([long] [Math]::Ceiling($seconds)).ToString([cultureinfo]::InvariantCulture) + 's'
}

# What an admin writes as a condition, 'Version<24' or 'os.Build >= 22000', in its parts. Throws invalid_filter, which names it.
function ConvertFrom-KanadeFilter {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory = $true)][AllowEmptyString()][string] $Filter,
        # Of what names none; without it every condition has to.
        [string] $Section
    )

    $form = "Field=value, with one of = != < <= > >= ~, such as 'Name=7-Zip*' or 'Version<24'"
    if (-not $Section) { $form = "section.Field=value, with one of = != < <= > >= ~, such as 'os.Build>=22000'" }
    if ($Filter -notmatch '\A\s*(!?)\s*(?:([A-Za-z]\w*)\.)?([A-Za-z]\w*)\s*(!=|<=|>=|=|<|>|~)\s*(.*?)\s*\z') {
        throw (Get-KanadeErrorRecord -Code 'invalid_filter' -Category InvalidArgument -TargetObject $Filter -Message "'$Filter' is no condition: say $form.")
    }
    $parts = @{ Absent = [bool] $Matches[1]; Section = $Matches[2]; Field = $Matches[3]; Operator = $Matches[4]; Value = $Matches[5]; Text = $Filter }
    if (-not $parts.Section) { $parts.Section = $Section }
    if (-not $parts.Section) {
        throw (Get-KanadeErrorRecord -Code 'invalid_filter' -Category InvalidArgument -TargetObject $Filter -Message "'$Filter' does not say of which section: say $form.")
    }
    # What "BootedAt<$((Get-Date).AddDays(-30))" makes of a time, in every culture; it is one of this PC's zone.
    $time = [datetime]::MinValue
    if ([datetime]::TryParseExact($parts.Value, 'MM/dd/yyyy HH:mm:ss', [cultureinfo]::InvariantCulture, [System.Globalization.DateTimeStyles]::None, [ref] $time)) {
        $parts.Value = ConvertTo-KanadeInstant -Value $time
    }
    return $parts
}

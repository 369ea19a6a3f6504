# The days of hotfixes: text -> day. Windows writes month/day/year, whatever its language, or so it should: some have been seen to
# write as their region does, and very old ones a hexadecimal FILETIME. All dates of one PC are of one kind, so one that can only
# be day/month says how the others are meant; when they contradict each other, what could be two days is none.
function ConvertTo-KanadeHotfixDate {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory = $true)][AllowEmptyCollection()][AllowEmptyString()][string[]] $Value)

    # Arabic and Hebrew put marks of direction in between.
    $clean = @{}
    foreach ($text in $Value) { $clean[$text] = [regex]::Replace($text, '[^0-9A-Za-z/.\-]', '') }
    $dayFirst = $false; $monthFirst = $false
    foreach ($text in $clean.Values) {
        if ($text -notmatch '^(\d{1,2})/(\d{1,2})/\d{4}$') { continue }
        if ([int] $Matches[1] -gt 12) { $dayFirst = $true }
        if ([int] $Matches[2] -gt 12) { $monthFirst = $true }
    }
    $slashes = 'M/d/yyyy'
    if ($dayFirst) { $slashes = 'd/M/yyyy' }
    $days = @{}
    foreach ($text in $clean.Keys) {
        $days[$text] = $null
        $date = [datetime]::MinValue
        $formats = [string[]] @($slashes, 'd.M.yyyy', 'd-M-yyyy', 'yyyy/M/d', 'yyyy-M-d', 'yyyy.M.d', 'yyyyMMdd')
        if ($dayFirst -and $monthFirst) { $formats = [string[]] @($formats | Select-Object -Skip 1) }
        if ($clean[$text] -match '^[0-9a-fA-F]{16}$') {
            $date = [datetime]::FromFileTimeUtc([Convert]::ToInt64($clean[$text], 16))
        } elseif (-not [datetime]::TryParseExact($clean[$text], $formats, [cultureinfo]::InvariantCulture, [System.Globalization.DateTimeStyles]::None, [ref] $date)) {
            continue
        }
        # Other years are of another calendar.
        if ($date.Year -ge 1995 -and $date.Year -lt 2200) { $days[$text] = $date.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture) }
    }
    return $days
}

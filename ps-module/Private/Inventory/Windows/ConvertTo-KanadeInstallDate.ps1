# The day of an installation, as installers write it: mostly 20231105. What could be two days is none.
function ConvertTo-KanadeInstallDate {
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()][object] $Value)

    $text = "$Value".Trim()
    $date = [datetime]::MinValue
    $formats = [string[]] @('yyyyMMdd', 'yyyy-MM-dd', 'yyyy/MM/dd', 'yyyy.MM.dd', 'yyyyMMddHHmmss', "yyyy-MM-dd'T'HH:mm:ss")
    if ([datetime]::TryParseExact($text, $formats, [cultureinfo]::InvariantCulture, [System.Globalization.DateTimeStyles]::None, [ref] $date)) {
        if ($date.Year -ge 1990 -and $date.Year -lt 2200) { return $date.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture) }
        return $null
    }
    # Seconds since 1970.
    if ($text -match '^1\d{9}$') { return [System.DateTimeOffset]::FromUnixTimeSeconds([long] $text).UtcDateTime.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture) }
    return $null
}

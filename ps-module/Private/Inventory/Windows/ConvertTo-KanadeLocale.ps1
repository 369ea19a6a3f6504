# 0407 -> de-DE.
function ConvertTo-KanadeLocale {
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()][object] $Lcid)

    if ("$Lcid" -notmatch '^[0-9a-fA-F]{4,8}$') { return $null }
    try {
        return [System.Globalization.CultureInfo]::GetCultureInfo([Convert]::ToInt32("$Lcid", 16)).Name
    } catch [System.ArgumentException] {
        # A language that somebody has made for themselves.
        return $null
    }
}

# JSON as it is: PowerShell 7 would make a date of whatever looks like one, also of what a script has written.
function ConvertFrom-KanadeJson {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][string] $Text)

    # DateKind came with 7.5.
    if ((Get-Command -Name ConvertFrom-Json).Parameters.ContainsKey('DateKind')) {
        return ConvertFrom-Json -InputObject $Text -DateKind String
    }
    # Windows PowerShell leaves such text alone.
    if ($PSVersionTable.PSVersion.Major -lt 6) { return ConvertFrom-Json -InputObject $Text }
    # Behind a mark nothing looks like a date. It is for the use of whoever likes, and nobody else puts it so.
    $mark = "$([char] 0xE00D)$([char] 0xF8DA)"
    # Names are never dates.
    $marked = [regex]::Replace($Text, '"(?=(?:\d{4}-\d\d-\d\dT|\\?/Date\()[^"]*"(?!\s*:))', "`"$mark")
    $value = ConvertFrom-Json -InputObject $marked
    if ($marked.Length -eq $Text.Length) { return $value }
    $clean = ConvertFrom-KanadeMarkedValue -Value $value -Mark $mark
    return $clean
}

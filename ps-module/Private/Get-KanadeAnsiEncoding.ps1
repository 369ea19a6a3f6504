# What Windows PowerShell reads a file without a byte order mark in.
function Get-KanadeAnsiEncoding {
    [CmdletBinding()]
    [OutputType([System.Text.Encoding])]
    param()

    if ($PSVersionTable.PSVersion.Major -lt 6) { return [System.Text.Encoding]::Default }
    # PowerShell 7 has registered the code pages. Where there is none, as on Linux, Western Europe's is the likeliest.
    $page = [cultureinfo]::CurrentCulture.TextInfo.ANSICodePage
    if ($page -in 0, 65001) { $page = 1252 }
    return [System.Text.Encoding]::GetEncoding($page)
}

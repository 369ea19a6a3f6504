# What an HTML report begins and ends with. It holds its style and script itself and may load nothing: the policy names both by their hashes.
function Get-KanadeReportFrame {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory = $true)][string] $Title)

    $hash = @{}
    $text = @{}
    $sha = [System.Security.Cryptography.SHA256]::Create()
    try {
        foreach ($name in 'report.css', 'report.js') {
            # A browser hashes what it has read, whose lines end with LF however the file came onto this PC.
            $text[$name] = [System.IO.File]::ReadAllText((Join-Path -Path $script:KanadeRoot -ChildPath "Report/$name")).Replace("`r`n", "`n")
            $hash[$name] = [System.Convert]::ToBase64String($sha.ComputeHash([System.Text.Encoding]::UTF8.GetBytes($text[$name])))
        }
    } finally {
        $sha.Dispose()
    }
    $now = Get-Date
    $shown = [System.Net.WebUtility]::HtmlEncode($Title)
    $head = @(
        '<!DOCTYPE html>'
        '<html lang="en">'
        '<head>'
        '<meta charset="utf-8" />'
        "<meta http-equiv=`"Content-Security-Policy`" content=`"default-src 'none'; style-src 'sha256-$($hash['report.css'])'; script-src 'sha256-$($hash['report.js'])'; base-uri 'none'; form-action 'none'`" />"
        '<meta name="viewport" content="width=device-width, initial-scale=1" />'
        '<meta name="color-scheme" content="light dark" />'
        "<title>$shown</title>"
        "<style>$($text['report.css'])</style>"
        '</head>'
        '<body>'
        '<header>'
        "<h1>$shown</h1>"
        "<p>Made on <time datetime=`"$(ConvertTo-KanadeReportValue -Value $now)`">$(ConvertTo-KanadeReportText -Value $now)</time>. All times are UTC$($now.ToString('zzz', [cultureinfo]::InvariantCulture)).</p>"
        '</header>'
        '<main>'
    ) -join "`n"
    return @{ Head = $head; Foot = "</main>`n<script>$($text['report.js'])</script>`n</body>`n</html>" }
}

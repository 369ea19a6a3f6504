# Rows of cells as rows of an HTML table, many at a time; the first cell is what the row is about.
function ConvertTo-KanadeHtmlRow {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][AllowEmptyCollection()][System.Collections.IList] $Row)

    foreach ($cells in $Row) {
        $html = '<tr>'
        $head = $true
        foreach ($value in $cells) {
            if ($value -is [string]) { $text = [System.Net.WebUtility]::HtmlEncode($value) }
            elseif ($null -eq $value) { $text = '' }
            else { $text = [System.Net.WebUtility]::HtmlEncode((ConvertTo-KanadeReportText -Value $value)) }
            if ($value -is [datetime]) { $text = '<time datetime="' + (ConvertTo-KanadeReportValue -Value $value) + '">' + $text + '</time>' }
            if ($head) { $html += '<th scope="row">' + $text + '</th>' }
            elseif ($value -is [valuetype] -and $value -isnot [bool] -and $value -isnot [datetime]) { $html += '<td class="number">' + $text + '</td>' }
            else { $html += '<td>' + $text + '</td>' }
            $head = $false
        }
        # However they are written, control characters are no part of HTML.
        ($html + '</tr>') -replace '[\x00-\x08\x0B\x0C\x0E-\x1F\x7F]', [string] [char] 0xFFFD
    }
}

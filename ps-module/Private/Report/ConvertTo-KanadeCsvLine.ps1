# Rows of cells as lines of CSV, many at a time. A spreadsheet takes text that begins with one of these for a formula, and what a PC
# reports is anybody's text: it gets a quote before it, which the spreadsheet takes for 'this is text'. Numbers are none.
function ConvertTo-KanadeCsvLine {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][System.Collections.IList] $Row,
        [Parameter(Mandatory = $true)][char] $Delimiter
    )

    # The last four are = + - @ of full width.
    $formula = "=+-@`t`r`n" + [char] 0xFF1D + [char] 0xFF0B + [char] 0xFF0D + [char] 0xFF20
    foreach ($cells in $Row) {
        $fields = foreach ($value in $cells) {
            if ($value -is [string]) { $text = $value }
            elseif ($null -eq $value) { $text = '' }
            else { $text = ConvertTo-KanadeReportText -Value $value }
            if ($text -and $value -isnot [valuetype] -and $formula.IndexOf($text[0]) -ge 0) { $text = "'" + $text }
            '"' + $text.Replace('"', '""') + '"'
        }
        @($fields) -join $Delimiter
    }
}

# Rows of cells as lines of CSV, many at a time. A spreadsheet takes text that begins with one of these for a formula, and what a PC
# reports is anybody's text: it gets a quote before it, which the spreadsheet takes for 'this is text'. Numbers are none.
# Where a spreadsheet splits lines at another delimiter than ours, as it does by the locale, it minds no quotes between: text is cut
# then, and what follows may be a formula too.
function ConvertTo-KanadeCsvLine {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][System.Collections.IList] $Row,
        [Parameter(Mandatory = $true)][char] $Delimiter
    )

    # The last four are = + - @ of full width.
    $formula = '=+-@' + [char] 0xFF1D + [char] 0xFF0B + [char] 0xFF0D + [char] 0xFF20
    $suspect = ($formula + "`t`r`n").ToCharArray()
    $cut = (',', ';', '\t' | Where-Object -FilterScript { $_ -ne [regex]::Escape([string] $Delimiter) }) -join ''
    # What a spreadsheet may skip before it.
    $skipped = '["\x00-\x08\x0B\x0C\x0E-\x20\x7F-\xA0\u200B\uFEFF]*'
    $begins = $skipped + '[' + $formula.Replace('-', '\-') + ']'
    $risky = [regex] "\A(?=[\t\r\n]|$begins)|(?<=[$cut\r\n])(?=$begins)"
    foreach ($cells in $Row) {
        $fields = foreach ($value in $cells) {
            if ($value -is [string]) { $text = $value }
            elseif ($null -eq $value) { $text = '' }
            else { $text = ConvertTo-KanadeReportText -Value $value }
            if ($text -and $value -isnot [valuetype] -and $text.IndexOfAny($suspect) -ge 0) { $text = $risky.Replace($text, "'") }
            '"' + $text.Replace('"', '""') + '"'
        }
        @($fields) -join $Delimiter
    }
}

# Writes rows into the table of a report that is open: cells, or in JSON objects.
function Write-KanadeReportRow {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Report,
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][System.Collections.IList] $Row
    )

    if ($Row.Count -eq 0) { return }
    $writer = $Report.Writer
    switch ($Report.Format) {
        'Csv' { foreach ($line in ConvertTo-KanadeCsvLine -Row $Row -Delimiter $Report.Delimiter) { $writer.WriteLine($line) } }
        'Html' { foreach ($line in ConvertTo-KanadeHtmlRow -Row $Row) { $writer.WriteLine($line) } }
        'Json' {
            if ($Report.Rows -gt 0) { $writer.Write(",`n") }
            $writer.Write(@(ConvertTo-KanadeJsonLine -Row $Row -Property $Report.Property) -join ",`n")
        }
    }
    $Report.Rows += $Row.Count
}

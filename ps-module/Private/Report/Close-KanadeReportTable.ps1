function Close-KanadeReportTable {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][System.Collections.IDictionary] $Report)

    if ($null -eq $Report.Table) { return }
    switch ($Report.Format) {
        'Json' { $Report.Writer.Write("`n]") }
        'Html' { $Report.Writer.WriteLine("</tbody>`n</table>`n</div>`n<p>Rows: $($Report.Rows)</p>`n</section>") }
    }
    $Report.Table = $null
}

# Begins a table of a report, after ending the one before.
function Open-KanadeReportTable {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Report,
        [Parameter(Mandatory = $true)][string] $Caption,
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][string[]] $Column
    )

    Close-KanadeReportTable -Report $Report
    $Report.Table = $Caption
    $Report.Tables++
    $Report.Rows = 0
    # Names of properties have no case.
    $Report.Places = @{}
    foreach ($name in $Column) { if (-not $Report.Places.ContainsKey($name)) { $Report.Places[$name] = $Report.Places.Count } }
    $writer = $Report.Writer
    switch ($Report.Format) {
        'Csv' { $writer.WriteLine((ConvertTo-KanadeCsvLine -Row @(, $Column) -Delimiter $Report.Delimiter)) }
        'Json' {
            if ($Report.Named) { $writer.Write(",`n" + (ConvertTo-Json -InputObject $Caption.Replace(' ', '') -Compress) + ':') }
            $writer.WriteLine('[')
        }
        'Html' {
            $id = "table$($Report.Tables)"
            $shown = [System.Net.WebUtility]::HtmlEncode($Caption)
            $writer.WriteLine("<section aria-labelledby=`"$id`">")
            $writer.WriteLine("<div class=`"scroll`" role=`"region`" aria-labelledby=`"$id`" tabindex=`"0`">")
            $writer.WriteLine("<table>`n<caption><h2 id=`"$id`">$shown</h2></caption>")
            $heads = foreach ($name in $Column) { '<th scope="col">' + [System.Net.WebUtility]::HtmlEncode($name) + '</th>' }
            $writer.WriteLine("<thead><tr>$(@($heads) -join '')</tr></thead>`n<tbody>")
        }
    }
}

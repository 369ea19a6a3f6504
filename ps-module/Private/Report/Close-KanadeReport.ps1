# Ends a report, and puts the file in its place whole: who looks meanwhile sees the old one or none.
function Close-KanadeReport {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][System.Collections.IDictionary] $Report)

    $near = "$($Report.Path).$([guid]::NewGuid().ToString('N')).tmp"
    try {
        Close-KanadeReportTable -Report $Report
        switch ($Report.Format) {
            'Json' {
                if ($Report.Named) { $Report.Writer.Write("`n}") } elseif ($Report.Tables -eq 0) { $Report.Writer.Write('[]') }
                $Report.Writer.WriteLine()
            }
            'Html' {
                if ($Report.Tables -eq 0) { $Report.Writer.WriteLine('<p>Nothing was found.</p>') }
                $Report.Writer.WriteLine($Report.Foot)
            }
        }
        $Report.Writer.Flush()
        $null = $Report.Stream.Seek(0, [System.IO.SeekOrigin]::Begin)
        $file = [System.IO.File]::Open($near, [System.IO.FileMode]::CreateNew, [System.IO.FileAccess]::Write)
        try { $Report.Stream.CopyTo($file) } finally { $file.Dispose() }
        if ([System.IO.File]::Exists($Report.Path)) { [System.IO.File]::Replace($near, $Report.Path, [NullString]::Value) }
        else { [System.IO.File]::Move($near, $Report.Path) }
    } catch {
        throw (Get-KanadeErrorRecord -Code 'file_not_written' -Category WriteError -TargetObject $Report.Path -InnerException $_.Exception -Message "'$($Report.Path)' cannot be written: $($_.Exception.GetBaseException().Message)")
    } finally {
        $Report.Writer.Dispose()
        [System.IO.File]::Delete($near)
    }
}

# A report that is being written. It grows in a file of the system's temporary folder, which vanishes by itself: a pipeline that
# breaks off calls none of our code, and must leave neither half a report nor an open file.
function Open-KanadeReport {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory = $true)][string] $Path,
        [Parameter(Mandatory = $true)][ValidateSet('Html', 'Csv', 'Json')][string] $Format,
        [Parameter(Mandatory = $true)][string] $Title,
        # Columns; default: those of the first object of a table.
        [string[]] $Property = @(),
        [char] $Delimiter = ',',
        # In JSON every table has its name; else the file is the one list.
        [switch] $Named
    )

    # Excel takes CSV for UTF-8 by its byte order mark; nothing else wants one.
    $encoding = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList ($Format -eq 'Csv')
    $place = Join-Path -Path ([System.IO.Path]::GetTempPath()) -ChildPath "kanade-report-$([guid]::NewGuid().ToString('N'))"
    $stream = New-Object -TypeName System.IO.FileStream -ArgumentList @(
        $place, [System.IO.FileMode]::CreateNew, [System.IO.FileAccess]::ReadWrite, [System.IO.FileShare]::None, 65536, [System.IO.FileOptions]::DeleteOnClose
    )
    # Windows deletes it with the process at the latest. Elsewhere nobody would, and what is open can be deleted at once.
    if ((Get-KanadePlatform) -ne 'Windows') { [System.IO.File]::Delete($place) }
    $report = @{
        Path      = $Path
        Format    = $Format
        Property  = $Property
        Delimiter = $Delimiter
        Named     = [bool] $Named
        Stream    = $stream
        Writer    = New-Object -TypeName System.IO.StreamWriter -ArgumentList $stream, $encoding
        Table     = $null
        Tables    = 0
        Places    = @{}
        Captions  = @{}
        Foot      = ''
        Rows      = 0
        # Rows are added so many at a time, which is much faster than one by one.
        Together  = 500
        LeftOut   = New-Object -TypeName 'System.Collections.Generic.HashSet[string]'
    }
    $report.Writer.NewLine = "`n"
    if ($Format -eq 'Csv') { $report.Writer.NewLine = "`r`n" }
    if ($Format -eq 'Html') {
        $frame = Get-KanadeReportFrame -Title $Title
        $report.Writer.WriteLine($frame.Head)
        $report.Foot = $frame.Foot
    }
    if ($Format -eq 'Json' -and $Named) {
        $report.Writer.WriteLine('{')
        $report.Writer.Write('"Title":' + (ConvertTo-Json -InputObject $Title -Compress) + ',"MadeAt":"' + (ConvertTo-KanadeReportValue -Value (Get-Date)) + '"')
    }
    return $report
}

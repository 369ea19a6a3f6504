# A zip of these files by their names in it, uncompressed, and each as old as all others: the same files give the same bytes.
function Write-KanadeStoredZip {
    [CmdletBinding()]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true)][string] $Path,
        [Parameter(Mandatory = $true)][System.Collections.Specialized.OrderedDictionary] $Entry
    )

    $stream = [System.IO.File]::Create($Path)
    $zip = New-Object -TypeName System.IO.Compression.ZipArchive -ArgumentList $stream, ([System.IO.Compression.ZipArchiveMode]::Create)
    try {
        foreach ($name in $Entry.Keys) {
            $made = $zip.CreateEntry($name, [System.IO.Compression.CompressionLevel]::NoCompression)
            $made.LastWriteTime = New-Object -TypeName System.DateTimeOffset -ArgumentList 2000, 1, 1, 0, 0, 0, ([timespan]::Zero)
            $from = [System.IO.File]::OpenRead($Entry[$name])
            $to = $made.Open()
            try {
                $from.CopyTo($to)
            } finally {
                $to.Dispose()
                $from.Dispose()
            }
        }
    } finally {
        $zip.Dispose()
        $stream.Dispose()
    }
}

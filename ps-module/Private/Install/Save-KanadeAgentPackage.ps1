# The package that the backend has, in a folder of its own, which whoever calls removes; with what its SHA-256 is to be.
function Save-KanadeAgentPackage {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][psobject] $Connection,
        # While too many download at once.
        [double] $BusyTimeoutSec = 600
    )

    $package = Invoke-KanadeRestMethod -Path '/agent-package' -Connection $Connection
    $folder = Join-Path -Path ([System.IO.Path]::GetTempPath()) -ChildPath "kanade-$([guid]::NewGuid().ToString('n'))"
    $null = [System.IO.Directory]::CreateDirectory($folder)
    $kept = $false
    try {
        Protect-KanadeFolder -LiteralPath $folder
        # Its version is three numbers.
        $file = Join-Path -Path $folder -ChildPath "kanade-agent-$($package.version)-x64.msi"
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        while ($true) {
            $request = Get-KanadeWebRequest -Uri (Join-KanadeUri -Server $Connection.Server -Path "/releases/files/$($package.sha256)") -Method GET -Token $Connection.Token -Ca $Connection.Ca -Accept 'application/octet-stream, application/problem+json'
            $again = Receive-KanadeFile -Request $request -LiteralPath $file -Size $package.size
            if (-not $again) { break }
            if ($clock.Elapsed.TotalSeconds -ge $BusyTimeoutSec) {
                throw (Get-KanadeErrorRecord -Code 'not_downloaded' -Category ReadError -TargetObject $request.RequestUri -Message 'The file could not be fetched from the backend: it has no place for another download (503). Try again later.')
            }
            Write-Verbose -Message "Too many download at once: again in $again s."
            Start-Sleep -Seconds $again
        }
        $kept = $true
        return [pscustomobject] @{ File = $file; Folder = $folder; Sha256 = $package.sha256 }
    } finally {
        if (-not $kept) { [System.IO.Directory]::Delete($folder, $true) }
    }
}

# The package that the backend has, in a folder of its own, which whoever calls removes; with what its SHA-256 is to be.
function Save-KanadeAgentPackage {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Connection)

    $package = Invoke-KanadeRestMethod -Path '/agent-package' -Connection $Connection
    $folder = Join-Path -Path ([System.IO.Path]::GetTempPath()) -ChildPath "kanade-$([guid]::NewGuid().ToString('n'))"
    $null = [System.IO.Directory]::CreateDirectory($folder)
    $kept = $false
    try {
        Protect-KanadeFolder -LiteralPath $folder
        # Its version is three numbers.
        $file = Join-Path -Path $folder -ChildPath "kanade-agent-$($package.version)-x64.msi"
        $request = Get-KanadeWebRequest -Uri (Join-KanadeUri -Server $Connection.Server -Path "/releases/files/$($package.sha256)") -Method GET -Token $Connection.Token -Ca $Connection.Ca -Accept 'application/octet-stream, application/problem+json'
        Receive-KanadeFile -Request $request -LiteralPath $file -Size $package.size
        $kept = $true
        return [pscustomobject] @{ File = $file; Folder = $folder; Sha256 = $package.sha256 }
    } finally {
        if (-not $kept) { [System.IO.Directory]::Delete($folder, $true) }
    }
}

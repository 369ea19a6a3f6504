# Writes a file as Intune takes apps: an encrypted zip of the file in a zip with what opens it. The keys come from what the file holds,
# so that the same file gives the same bytes; they lie beside what they encrypt in any case. Whatever the size, little is held in memory.
function Write-KanadeIntuneWin {
    [CmdletBinding()]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true)][string] $SetupFile,
        [Parameter(Mandatory = $true)][hashtable] $Property,
        [Parameter(Mandatory = $true)][string] $Path
    )

    Add-Type -AssemblyName System.IO.Compression
    $work = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), [System.IO.Path]::GetRandomFileName())
    $null = [System.IO.Directory]::CreateDirectory($work)
    try {
        $plain = [System.IO.Path]::Combine($work, 'plain.zip')
        $sealed = [System.IO.Path]::Combine($work, 'IntunePackage.intunewin')
        Write-KanadeStoredZip -Path $plain -Entry ([ordered] @{ ([System.IO.Path]::GetFileName($SetupFile)) = $SetupFile })
        $seal = Protect-KanadeIntuneFile -Path $plain -Destination $sealed
        $seal.Name = [System.IO.Path]::GetFileName($SetupFile)
        $seal.Size = (New-Object -TypeName System.IO.FileInfo -ArgumentList $plain).Length
        $about = [System.IO.Path]::Combine($work, 'Detection.xml')
        [System.IO.File]::WriteAllText($about, (ConvertTo-KanadeIntuneDetection -Seal $seal -Property $Property))
        Write-KanadeStoredZip -Path $Path -Entry ([ordered] @{
                'IntuneWinPackage/Contents/IntunePackage.intunewin' = $sealed
                'IntuneWinPackage/Metadata/Detection.xml'           = $about
            })
    } finally {
        [System.IO.Directory]::Delete($work, $true)
    }
}

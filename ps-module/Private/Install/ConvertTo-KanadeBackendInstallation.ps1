# What an admin has to know of a backend that was installed.
function ConvertTo-KanadeBackendInstallation {
    [CmdletBinding()]
    [OutputType('Kanade.BackendInstallation')]
    param(
        # As Get-KanadeInstalledBackend gives it.
        [Parameter(Mandatory = $true)][psobject] $Backend,
        # As Invoke-KanadeMsi gives it.
        [Parameter(Mandatory = $true)][psobject] $Done
    )

    $fingerprint = $null
    if ($Backend.CaFile) {
        $certificate = @(ConvertFrom-KanadePem -Text ([System.IO.File]::ReadAllText($Backend.CaFile)))[0]
        $sha = [System.Security.Cryptography.SHA256]::Create()
        $fingerprint = [System.BitConverter]::ToString($sha.ComputeHash($certificate.RawData)).Replace('-', ':')
        $sha.Dispose()
    }
    [pscustomobject] @{
        PSTypeName     = 'Kanade.BackendInstallation'
        Version        = $Backend.Version
        Url            = $Backend.Url
        CaFile         = $Backend.CaFile
        CaFingerprint  = $fingerprint
        AdminTokenFile = $Backend.AdminTokenFile
        RestartNeeded  = $Done.RestartNeeded
        LogPath        = $Done.LogPath
    }
}

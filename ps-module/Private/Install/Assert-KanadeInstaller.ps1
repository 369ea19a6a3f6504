# An installation needs Windows and its administrator: said before anything is begun, for Windows Installer itself says only 1603.
function Assert-KanadeInstaller {
    [CmdletBinding()]
    [OutputType([void])]
    param()

    if ((Get-KanadePlatform) -ne 'Windows') {
        throw (Get-KanadeErrorRecord -Code 'windows_needed' -Category NotImplemented -Message 'Packages of Windows Installer are installed on Windows: this is none.')
    }
    if (-not (Test-KanadeElevation)) {
        throw (Get-KanadeErrorRecord -Code 'not_elevated' -Category PermissionDenied -Message 'Only an administrator installs and removes: start PowerShell as administrator.')
    }
}

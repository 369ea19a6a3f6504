# Why an installation has not begun.
function Get-KanadeInstallFault {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory = $true)][string] $Fault,
        [Parameter(Mandatory = $true)][string] $ComputerName,
        [string] $Detail
    )

    switch ($Fault) {
        'windows_needed' { Get-KanadeErrorRecord -Code 'windows_needed' -Category NotImplemented -Message "${ComputerName}: packages of Windows Installer are installed on Windows, and this is none." }
        'not_elevated' { Get-KanadeErrorRecord -Code 'not_elevated' -Category PermissionDenied -Message "${ComputerName}: only an administrator installs and removes. Here start PowerShell as administrator; elsewhere say -Credential of one." }
        'not_installed' { Get-KanadeErrorRecord -Code 'not_installed' -Category ObjectNotFound -Message "${ComputerName}: the agent is not installed." }
        'hash_mismatch' { Get-KanadeErrorRecord -Code 'hash_mismatch' -Category SecurityError -Message "${ComputerName}: the package that arrived is not the one that was meant: $Detail. Nothing was run." }
        'signature_refused' { Get-KanadeErrorRecord -Code 'signature_refused' -Category SecurityError -Message "${ComputerName}: the signature of the package does not count there: $Detail. Nothing was run." }
        'settings_readable' { Get-KanadeErrorRecord -Code 'settings_readable' -Category SecurityError -Message "${ComputerName}: the package is there already, and was not told anything: others than SYSTEM and administrators can read HKLM\SOFTWARE\Kanade\Agent. Remove the agent (its data stay), and install it again." }
        'not_copied' { Get-KanadeErrorRecord -Code 'not_copied' -Category WriteError -Message "${ComputerName}: the package could not be copied: $Detail" }
        default { Get-KanadeErrorRecord -Code 'remoting_failed' -Category ConnectionError -Message "${ComputerName}: $Detail" }
    }
}

# What an exit code of msiexec means.
function Get-KanadeMsiError {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory = $true)][int] $ExitCode,
        [Parameter(Mandatory = $true)][string] $Action,
        [Parameter(Mandatory = $true)][string] $Package,
        [Parameter(Mandatory = $true)][string] $LogPath,
        # In words.
        [Parameter(Mandatory = $true)][string] $Where,
        # The version that was there.
        [string] $Before
    )

    $ended = "$Action of '$Package' on $Where ended with $ExitCode"
    # Windows Installer has no code for it; the package's name says its version.
    $version = if ($ExitCode -eq 1603 -and $Package -match '-(\d+\.\d+\.\d+)-x64\.msi\z') { [version] $Matches[1] }
    $older = $null -ne $version -and $Before -match '\A\d+\.\d+\.\d+\z' -and [version] $Before -gt $version
    $record = switch ($ExitCode) {
        1602 { Get-KanadeErrorRecord -Code 'installation_cancelled' -Category OperationStopped -TargetObject $Package -Message "${ended}: somebody cancelled it." }
        1605 { Get-KanadeErrorRecord -Code 'not_installed' -Category ObjectNotFound -TargetObject $Package -Message "${ended}: it is not installed." }
        1618 { Get-KanadeErrorRecord -Code 'installation_busy' -Category ResourceBusy -TargetObject $Package -Message "${ended}: another installation still runs there. Try again once it has ended." }
        { $_ -in 1612, 1619, 1620 } { Get-KanadeErrorRecord -Code 'package_unreadable' -Category ReadError -TargetObject $Package -Message "${ended}: the package is not there, or cannot be read, or is none." }
        { $_ -in 1625, 1643, 1644 } { Get-KanadeErrorRecord -Code 'installation_refused' -Category PermissionDenied -TargetObject $Package -Message "${ended}: a policy forbids it." }
        1638 { Get-KanadeErrorRecord -Code 'other_version_installed' -Category ResourceExists -TargetObject $Package -Message "${ended}: another build of this version is installed. Remove that first." }
        { $older } { Get-KanadeErrorRecord -Code 'newer_version_installed' -Category ResourceExists -TargetObject $Package -Message "${ended}: $Before is installed there, which is newer, and no agent is made older." }
        default { Get-KanadeErrorRecord -Code 'installation_failed' -Category OperationStopped -TargetObject $Package -Message "${ended}, and nothing was changed. Why, says $LogPath, at its first line with 'Return value 3'." }
    }
    $record.Exception.Data['ExitCode'] = $ExitCode
    $record.Exception.Data['LogPath'] = $LogPath
    return $record
}

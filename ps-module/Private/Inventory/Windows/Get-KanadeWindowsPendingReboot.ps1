function Get-KanadeWindowsPendingReboot {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $control = 'SYSTEM\CurrentControlSet\Control'
    $unread = 0
    $reasons = @()
    # A key that is there says it.
    $keys = [ordered] @{
        component_servicing = 'SOFTWARE\Microsoft\Windows\CurrentVersion\Component Based Servicing\RebootPending'
        windows_update      = 'SOFTWARE\Microsoft\Windows\CurrentVersion\WindowsUpdate\Auto Update\RebootRequired'
        installer           = 'SOFTWARE\Microsoft\Windows\CurrentVersion\Installer\InProgress'
    }
    foreach ($reason in $keys.Keys) {
        $key = Read-KanadeRegistry -Reading $Reading -Path $keys[$reason]
        if ($key.Exists) { $reasons += $reason }
        if (-not $key.Read) { $unread++ }
    }
    $manager = Read-KanadeRegistry -Reading $Reading -Path "$control\Session Manager"
    # From and to by turns. Files that are only to be deleted are leftovers, which half of all installers leave behind.
    $renames = @($manager.Values['PendingFileRenameOperations'])
    for ($i = 1; $i -lt $renames.Count; $i += 2) {
        if ($renames[$i]) {
            $reasons += 'file_rename'
            break
        }
    }
    $active = Read-KanadeRegistry -Reading $Reading -Path "$control\ComputerName\ActiveComputerName"
    $next = Read-KanadeRegistry -Reading $Reading -Path "$control\ComputerName\ComputerName"
    if ($active.Exists -and $next.Exists -and $active.Values['ComputerName'] -ne $next.Values['ComputerName']) { $reasons += 'computer_rename' }
    $logon = Read-KanadeRegistry -Reading $Reading -Path 'SYSTEM\CurrentControlSet\Services\Netlogon'
    if ($null -ne $logon.Values['JoinDomain'] -or $null -ne $logon.Values['AvoidSpnSet']) { $reasons += 'domain_join' }
    foreach ($key in $manager, $active, $next, $logon) {
        if (-not $key.Read) { $unread++ }
    }
    if ($unread -eq 7) { return $null }
    $required = $reasons.Count -gt 0
    # What could not be read may be the reason.
    if (-not $required -and $unread -gt 0) { $required = $null }
    [pscustomobject] @{
        Required = $required
        Reasons  = @(Get-KanadeOrdinal -Value $reasons)
    }
}

function Get-KanadeWindowsLocalAdmin {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $members = Read-KanadeSource -Reading $Reading -Source 'WinNT S-1-5-32-544' -Read { param($TimeoutSec) Get-KanadeLocalGroupMember -Sid 'S-1-5-32-544' -TimeoutSec $TimeoutSec }
    if ($null -eq $members) { return $null }
    $computer = "$((Read-KanadeRegistry -Reading $Reading -Path 'SYSTEM\CurrentControlSet\Control\ComputerName\ActiveComputerName').Values['ComputerName'])"
    foreach ($member in $members) {
        # WinNT://DOMAIN/name, WinNT://WORKGROUP/PC/name, or WinNT://S-1-...
        $parts = @($member.Path -replace '^WinNT://' -split '/')
        $name = $parts[-1]
        $authority = $null
        if ($parts.Count -gt 1) { $authority = $parts[-2] }
        if ($null -eq $authority) {
            $name = $null
            $source = 'unknown'
            if ($member.Sid -like 'S-1-12-1-*') { $source = 'entra' }
        } elseif ($member.Sid -like 'S-1-12-1-*' -or $authority -eq 'AzureAD') {
            $source = 'entra'
        } elseif ($authority -eq $computer -or ($null -ne $member.Sid -and $member.Sid -notlike 'S-1-5-21-*')) {
            $source = 'local'
        } else {
            $source = 'domain'
        }
        # An account of this PC has the same name on others.
        if ($null -ne $authority -and $authority -ne $computer) { $name = "$authority\$name" }
        if ($null -eq $member.Sid) { Add-KanadeFault -Reading $Reading -Source $member.Path -Code failed -Message 'Its SID could not be read.' }
        $kind = 'unknown'
        if ($null -ne $authority -and $member.Class -in 'User', 'Group') { $kind = $member.Class.ToLowerInvariant() }
        [pscustomobject] @{ Sid = $member.Sid; Name = $name; Kind = $kind; Source = $source }
    }
}

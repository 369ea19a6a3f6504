# Without the copies that Windows makes of some for each user who signs in: their names are others each time. Of those that are
# started when something needs them the state says nothing a minute later, so it is no part of what is kept.
function Get-KanadeWindowsService {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $services = Read-KanadeCim -Reading $Reading -ClassName Win32_Service -Property Name, DisplayName, StartMode, State, StartName, PathName -Optional DelayedAutoStart
    if ($null -eq $services) { return $null }
    foreach ($service in $services) {
        if ($service.Name -match '_[0-9a-f]{4,8}$') {
            $key = Read-KanadeRegistry -Reading $Reading -Path "SYSTEM\CurrentControlSet\Services\$($service.Name)"
            # SERVICE_USERSERVICE_INSTANCE
            if ([int] $key.Values['Type'] -band 0x80) { continue }
        }
        $state = ("$($service.State)" -replace ' ', '_').ToLowerInvariant()
        if ($Reading.Steady -and $service.StartMode -eq 'Manual') { $state = $null }
        [pscustomobject] @{
            Name        = $service.Name
            DisplayName = ConvertTo-KanadeText -Value $service.DisplayName
            StartMode   = "$($service.StartMode)".ToLowerInvariant()
            Delayed     = $service.DelayedAutoStart
            State       = $state
            Account     = ConvertTo-KanadeText -Value $service.StartName
            Path        = ConvertTo-KanadeText -Value $service.PathName
        }
    }
}

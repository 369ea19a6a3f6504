# Every section, in the order in which they are collected: the property that tells its rows apart (none: it is one object), and
# who collects it where. What nobody collects here the agent says of itself.
function Get-KanadeInventoryDefinition {
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param()

    [ordered] @{
        system           = @{ Key = @(); Windows = 'Get-KanadeWindowsSystem'; Linux = 'Get-KanadeLinuxSystem' }
        os               = @{ Key = @(); Windows = 'Get-KanadeWindowsOperatingSystem'; Linux = 'Get-KanadeLinuxOperatingSystem' }
        bios             = @{ Key = @(); Windows = 'Get-KanadeWindowsFirmware' }
        cpu              = @{ Key = @('DeviceId'); Windows = 'Get-KanadeWindowsCpu'; Linux = 'Get-KanadeLinuxCpu' }
        memory           = @{ Key = @('Locator'); Windows = 'Get-KanadeWindowsMemory'; Linux = 'Get-KanadeLinuxMemory' }
        disks            = @{ Key = @('DeviceId'); Windows = 'Get-KanadeWindowsDisk' }
        volumes          = @{ Key = @('Name'); Windows = 'Get-KanadeWindowsVolume'; Linux = 'Get-KanadeLinuxVolume' }
        network          = @{ Key = @('Name'); Windows = 'Get-KanadeWindowsNetwork'; Linux = 'Get-KanadeLinuxNetwork' }
        software         = @{ Key = @('Name', 'Architecture', 'User'); Windows = 'Get-KanadeWindowsSoftware'; Linux = 'Get-KanadeLinuxSoftware' }
        hotfixes         = @{ Key = @('Id'); Windows = 'Get-KanadeWindowsHotfix' }
        updates          = @{ Key = @('Id', 'State'); Windows = 'Get-KanadeWindowsUpdate' }
        services         = @{ Key = @('Name'); Windows = 'Get-KanadeWindowsService' }
        defender         = @{ Key = @(); Windows = 'Get-KanadeWindowsDefender' }
        firewall         = @{ Key = @('Name'); Windows = 'Get-KanadeWindowsFirewall' }
        bitlocker        = @{ Key = @('Name'); Windows = 'Get-KanadeWindowsBitLocker' }
        tpm              = @{ Key = @(); Windows = 'Get-KanadeWindowsTpm' }
        local_admins     = @{ Key = @('Sid'); Windows = 'Get-KanadeWindowsLocalAdmin' }
        sessions         = @{ Key = @('Id'); Windows = 'Get-KanadeWindowsSession' }
        pending_reboot   = @{ Key = @(); Windows = 'Get-KanadeWindowsPendingReboot' }
        execution_policy = @{ Key = @('Scope'); Windows = 'Get-KanadeWindowsExecutionPolicy' }
        agent_settings   = @{ Key = @('Name') }
    }
}

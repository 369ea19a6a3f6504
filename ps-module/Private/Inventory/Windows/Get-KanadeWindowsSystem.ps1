function Get-KanadeWindowsSystem {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $computer = Read-KanadeCimObject -Reading $Reading -ClassName Win32_ComputerSystem -Property Name, Domain, PartOfDomain, Manufacturer, Model, TotalPhysicalMemory -Optional SystemFamily
    $product = Read-KanadeCimObject -Reading $Reading -ClassName Win32_ComputerSystemProduct -Property UUID
    $bios = Read-KanadeCimObject -Reading $Reading -ClassName Win32_BIOS -Property SerialNumber
    $enclosure = Read-KanadeCimObject -Reading $Reading -ClassName Win32_SystemEnclosure -Property ChassisTypes
    $zone = Read-KanadeRegistry -Reading $Reading -Path 'SYSTEM\CurrentControlSet\Control\TimeZoneInformation'
    # What is left then is not what anybody would call a PC.
    if (-not $computer.Read) { return $null }
    [pscustomobject] @{
        Name         = ConvertTo-KanadeText -Value $computer.Name
        Domain       = ConvertTo-KanadeText -Value $computer.Domain
        PartOfDomain = $computer.PartOfDomain
        Manufacturer = ConvertTo-KanadeIdentity -Value $computer.Manufacturer
        Model        = ConvertTo-KanadeIdentity -Value $computer.Model
        Family       = ConvertTo-KanadeIdentity -Value $computer.SystemFamily
        Uuid         = ConvertTo-KanadeIdentity -Value $product.UUID
        SerialNumber = ConvertTo-KanadeIdentity -Value $bios.SerialNumber
        Chassis      = ConvertTo-KanadeChassis -Type $enclosure.ChassisTypes
        TimeZone     = ConvertTo-KanadeText -Value $zone.Values['TimeZoneKeyName']
        MemoryBytes  = $computer.TotalPhysicalMemory
    }
}

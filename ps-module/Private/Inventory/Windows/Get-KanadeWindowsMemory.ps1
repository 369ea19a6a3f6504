function Get-KanadeWindowsMemory {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $modules = Read-KanadeCim -Reading $Reading -ClassName Win32_PhysicalMemory -Property Tag, DeviceLocator, BankLabel, Capacity, Speed, Manufacturer, PartNumber, SerialNumber -Optional ConfiguredClockSpeed
    if ($null -eq $modules) { return $null }
    foreach ($module in $modules) {
        # Some makers call all of them alike.
        $locator = ConvertTo-KanadeText -Value $module.DeviceLocator
        $alike = @($modules | Where-Object -FilterScript { $_.DeviceLocator -eq $module.DeviceLocator })
        if ($alike.Count -gt 1) {
            $banks = @($alike | ForEach-Object -Process { "$($_.BankLabel)" } | Sort-Object -Unique)
            $more = ConvertTo-KanadeText -Value $module.Tag
            if ($banks.Count -eq $alike.Count) { $more = ConvertTo-KanadeText -Value $module.BankLabel }
            $locator = "$locator ($more)"
        }
        $speed = $module.ConfiguredClockSpeed
        if (-not $speed) { $speed = $module.Speed }
        if ($speed -eq 0) { $speed = $null }
        [pscustomobject] @{
            Locator       = $locator
            Bank          = ConvertTo-KanadeText -Value $module.BankLabel
            CapacityBytes = $module.Capacity
            SpeedMhz      = $speed
            Manufacturer  = ConvertTo-KanadeIdentity -Value $module.Manufacturer
            PartNumber    = ConvertTo-KanadeIdentity -Value $module.PartNumber
            SerialNumber  = ConvertTo-KanadeIdentity -Value $module.SerialNumber
        }
    }
}

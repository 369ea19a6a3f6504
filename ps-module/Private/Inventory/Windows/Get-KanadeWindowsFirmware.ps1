function Get-KanadeWindowsFirmware {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $bios = Read-KanadeCimObject -Reading $Reading -ClassName Win32_BIOS -Property Manufacturer, SMBIOSBIOSVersion, ReleaseDate, SerialNumber
    $board = Read-KanadeCimObject -Reading $Reading -ClassName Win32_BaseBoard -Property Manufacturer, Product, SerialNumber
    $control = Read-KanadeRegistry -Reading $Reading -Path 'SYSTEM\CurrentControlSet\Control'
    $secureBoot = Read-KanadeRegistry -Reading $Reading -Path 'SYSTEM\CurrentControlSet\Control\SecureBoot\State'
    if (-not ($bios.Read -or $board.Read -or $control.Read)) { return $null }

    $firmware = $null
    if ($null -ne $control.Values['PEFirmwareType']) { $firmware = @{ 1 = 'bios'; 2 = 'uefi' }[[int] $control.Values['PEFirmwareType']] }
    $secure = $null
    if ($null -ne $secureBoot.Values['UEFISecureBootEnabled']) { $secure = $secureBoot.Values['UEFISecureBootEnabled'] -eq 1 }
    elseif ($secureBoot.Read -and $null -ne $firmware) { $secure = $false }
    $released = $null
    # A date, which CIM has at midnight in UTC: here it may still be the day before.
    if ($null -ne $bios.ReleaseDate) { $released = $bios.ReleaseDate.ToUniversalTime().ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture) }
    [pscustomobject] @{
        Manufacturer      = ConvertTo-KanadeIdentity -Value $bios.Manufacturer
        Version           = ConvertTo-KanadeText -Value $bios.SMBIOSBIOSVersion
        ReleasedOn        = $released
        SerialNumber      = ConvertTo-KanadeIdentity -Value $bios.SerialNumber
        Firmware          = $firmware
        SecureBoot        = $secure
        BoardManufacturer = ConvertTo-KanadeIdentity -Value $board.Manufacturer
        BoardModel        = ConvertTo-KanadeIdentity -Value $board.Product
        BoardSerialNumber = ConvertTo-KanadeIdentity -Value $board.SerialNumber
    }
}

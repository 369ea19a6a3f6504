# Of the storage provider, which knows the kind of a disk and its health; without it of what every Windows has.
function Get-KanadeWindowsDisk {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $disks = Read-KanadeCim -Reading $Reading -ClassName MSFT_PhysicalDisk -Namespace 'root/Microsoft/Windows/Storage' -Property DeviceId, FriendlyName, MediaType, BusType, Size, SerialNumber, FirmwareVersion, HealthStatus
    if ($null -eq $disks) {
        $drives = Read-KanadeCim -Reading $Reading -ClassName Win32_DiskDrive -Property Index, Model, Size, SerialNumber, FirmwareRevision
        if ($null -eq $drives) { return $null }
        foreach ($drive in $drives) {
            [pscustomobject] @{
                DeviceId        = "$($drive.Index)"
                Name            = ConvertTo-KanadeText -Value $drive.Model
                MediaType       = 'unspecified'
                BusType         = $null
                SizeBytes       = $drive.Size
                SerialNumber    = ConvertTo-KanadeIdentity -Value $drive.SerialNumber
                FirmwareVersion = ConvertTo-KanadeText -Value $drive.FirmwareRevision
                Health          = $null
            }
        }
        return
    }
    $media = @{ 0 = 'unspecified'; 3 = 'hdd'; 4 = 'ssd'; 5 = 'scm' }
    $buses = @{
        0 = 'unknown'; 1 = 'scsi'; 2 = 'atapi'; 3 = 'ata'; 4 = 'ieee1394'; 5 = 'ssa'; 6 = 'fibre_channel'; 7 = 'usb'; 8 = 'raid'; 9 = 'iscsi'; 10 = 'sas'
        11 = 'sata'; 12 = 'sd'; 13 = 'mmc'; 15 = 'virtual'; 16 = 'storage_spaces'; 17 = 'nvme'; 18 = 'scm'; 19 = 'ufs'
    }
    $health = @{ 0 = 'healthy'; 1 = 'warning'; 2 = 'unhealthy'; 5 = 'unknown' }
    foreach ($disk in $disks) {
        [pscustomobject] @{
            DeviceId        = "$($disk.DeviceId)"
            Name            = ConvertTo-KanadeText -Value $disk.FriendlyName
            MediaType       = $media[[int] $disk.MediaType]
            BusType         = $buses[[int] $disk.BusType]
            SizeBytes       = $disk.Size
            SerialNumber    = ConvertTo-KanadeIdentity -Value $disk.SerialNumber
            FirmwareVersion = ConvertTo-KanadeText -Value $disk.FirmwareVersion
            Health          = $health[[int] $disk.HealthStatus]
        }
    }
}

# Fixed drives only: to ask for all would spin up disks, and wait for shares that are away.
function Get-KanadeWindowsVolume {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $volumes = Read-KanadeCim -Reading $Reading -ClassName Win32_LogicalDisk -Property DeviceID, VolumeName, FileSystem, Size, FreeSpace -Filter 'DriveType=3'
    if ($null -eq $volumes) { return $null }
    foreach ($volume in $volumes) {
        $space = Get-KanadeFreeSpace -Size $volume.Size -Free $volume.FreeSpace
        [pscustomobject] @{
            Name        = $volume.DeviceID
            Label       = ConvertTo-KanadeText -Value $volume.VolumeName
            FileSystem  = ConvertTo-KanadeText -Value $volume.FileSystem
            SizeBytes   = $volume.Size
            FreeGb      = $space.FreeGb
            FreePercent = $space.FreePercent
        }
    }
}

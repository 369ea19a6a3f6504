# File systems of disks, each once, where it was mounted first. A share that is away would be waited for, and is not asked.
function Get-KanadeLinuxVolume {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $mounts = Read-KanadeFile -Reading $Reading -Path '/proc/mounts'
    if ($null -eq $mounts) { return $null }
    $kinds = 'ext2', 'ext3', 'ext4', 'xfs', 'btrfs', 'zfs', 'f2fs', 'jfs', 'vfat', 'exfat', 'ntfs', 'ntfs3', 'fuseblk'
    $seen = New-Object -TypeName 'System.Collections.Generic.HashSet[string]'
    foreach ($mount in $mounts) {
        $device, $name, $kind, $null = $mount.Split(' ')
        # The root of a container is an overlay. Blanks are written as \040.
        if ($kind -notin $kinds -and $name -ne '/') { continue }
        $name = [regex]::Replace($name, '\\(\d{3})', { param($match) [string] [char] [Convert]::ToInt32($match.Groups[1].Value, 8) })
        if (-not [System.IO.Directory]::Exists($name) -or -not $seen.Add($device)) { continue }
        $drives = Read-KanadeSource -Reading $Reading -Source $name -Read {
            param($TimeoutSec)
            Invoke-KanadeBounded -TimeoutSec $TimeoutSec -Parameter @{ Name = $name } -ScriptBlock {
                param($Name)
                $drive = New-Object -TypeName System.IO.DriveInfo -ArgumentList $Name
                [pscustomobject] @{ Size = $drive.TotalSize; Free = $drive.AvailableFreeSpace }
            }
        }
        $size = $null; $free = $null
        if ($null -ne $drives) { $size = $drives[0].Size; $free = $drives[0].Free }
        $space = Get-KanadeFreeSpace -Size $size -Free $free
        [pscustomobject] @{
            Name        = $name
            Label       = $null
            FileSystem  = $kind
            SizeBytes   = $size
            FreeGb      = $space.FreeGb
            FreePercent = $space.FreePercent
        }
    }
}

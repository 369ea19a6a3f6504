# A row for each processor that one could take out.
function Get-KanadeLinuxCpu {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $lines = Read-KanadeFile -Reading $Reading -Path '/proc/cpuinfo'
    if ($null -eq $lines) { return $null }
    $fastest = "$(Read-KanadeFile -Reading $Reading -Path '/sys/devices/system/cpu/cpu0/cpufreq/cpuinfo_max_freq')"
    $packages = [ordered] @{}
    foreach ($block in ($lines -join "`n") -split '\n\s*\n') {
        $values = @{}
        foreach ($line in $block -split '\n') {
            if ($line -match '^([^:]+?)\s*:\s*(.*)$') { $values[$Matches[1]] = $Matches[2].Trim() }
        }
        if (-not $values.ContainsKey('processor')) { continue }
        $package = "CPU$([int] $values['physical id'])"
        if (-not $packages.Contains($package)) { $packages[$package] = @{ First = $values; Count = 0 } }
        $packages[$package].Count++
    }
    foreach ($package in $packages.Keys) {
        $first = $packages[$package].First
        $cores = $null
        if ($first['cpu cores']) { $cores = [int] $first['cpu cores'] }
        $mhz = $null
        if ($fastest -match '^\d+$') { $mhz = [int] ([long] $fastest / 1000) }
        [pscustomobject] @{
            DeviceId          = $package
            Name              = ConvertTo-KanadeText -Value $first['model name']
            Manufacturer      = ConvertTo-KanadeText -Value $first['vendor_id']
            Cores             = $cores
            LogicalProcessors = $packages[$package].Count
            MaxMhz            = $mhz
            Architecture      = [System.Runtime.InteropServices.RuntimeInformation]::OSArchitecture.ToString().ToLowerInvariant()
        }
    }
}

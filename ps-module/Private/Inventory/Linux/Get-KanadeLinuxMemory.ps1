# All memory as one row: of its modules Linux knows only what root may read of the firmware.
function Get-KanadeLinuxMemory {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $lines = Read-KanadeFile -Reading $Reading -Path '/proc/meminfo'
    if ($null -eq $lines) { return $null }
    if ("$lines" -match '\bMemTotal:\s+(\d+) kB') {
        [pscustomobject] @{
            Locator       = 'total'
            Bank          = $null
            CapacityBytes = [long] $Matches[1] * 1024
            SpeedMhz      = $null
            Manufacturer  = $null
            PartNumber    = $null
            SerialNumber  = $null
        }
    }
}

# Megabits a second of an MSFT_NetAdapter that is up; $null of a radio (1 and 8 to 10), which has another speed each time.
function ConvertTo-KanadeLinkSpeed {
    [CmdletBinding()]
    [OutputType([long])]
    param([Parameter(Mandatory = $true)][psobject] $Adapter)

    if ($Adapter.NdisPhysicalMedium -in 1, 8, 9, 10) { return $null }
    if ($Adapter.InterfaceOperationalStatus -ne 1 -or $null -eq $Adapter.Speed) { return $null }
    # Beyond a petabit a second it is a way to say that nobody knows.
    if ([double] $Adapter.Speed -gt 1e15) { return $null }
    return [long] [Math]::Floor([double] $Adapter.Speed / 1e6)
}

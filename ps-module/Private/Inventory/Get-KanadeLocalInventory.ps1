# The sections of this PC, as Get-KanadeInventory gives them.
function Get-KanadeLocalInventory {
    [CmdletBinding()]
    [OutputType('Kanade.InventorySection')]
    param(
        # All that this PC has are in it.
        [Parameter(Mandatory = $true)][string[]] $Section,
        [Parameter(Mandatory = $true)][double] $TimeoutSec,
        [switch] $Expand
    )

    foreach ($name in $Section) {
        $read = Read-KanadeInventorySection -Section $name -TimeoutSec $TimeoutSec
        if ($read.Data -is [array]) { $read.Data = @($read.Data | Add-KanadeComputerName -Pc $read.ComputerName) }
        elseif ($null -ne $read.Data) { $read.Data = $read.Data | Add-KanadeComputerName -Pc $read.ComputerName }
        if ($Expand) { Expand-KanadeInventorySection -InputObject $read } else { $read }
    }
}

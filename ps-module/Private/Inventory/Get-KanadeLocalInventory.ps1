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
        if ($Expand) { Expand-KanadeInventorySection -InputObject $read } else { $read }
    }
}

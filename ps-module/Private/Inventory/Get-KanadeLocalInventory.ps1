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
        if (-not $Expand) {
            $read
            continue
        }
        foreach ($fault in $read.Faults) {
            $text = "${name}: $($fault.Source) could not be read ($($fault.Code)): $($fault.Message)"
            # What this PC does not have at all is no trouble.
            if ($fault.Code -eq 'not_supported') { Write-Verbose -Message $text } else { Write-Warning -Message $text }
        }
        Expand-KanadeInventorySection -InputObject $read
    }
}

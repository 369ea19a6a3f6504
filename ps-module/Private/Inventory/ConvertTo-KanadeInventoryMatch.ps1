# A PC for which the conditions of a query hold, with the rows that fit.
function ConvertTo-KanadeInventoryMatch {
    [CmdletBinding()]
    [OutputType('Kanade.InventoryMatch')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        $pc = $InputObject.pc_id
        [pscustomobject] @{
            PSTypeName   = 'Kanade.InventoryMatch'
            ComputerName = $pc
            Online       = $InputObject.online
            Matches      = @(foreach ($match in $InputObject.matches) {
                    [pscustomobject] @{ pc_id = $pc; row = $match.row } | ConvertTo-KanadeInventoryRow -Section $match.section
                })
        }
    }
}

# The rows of a section, each with the PC it is of.
function Expand-KanadeInventorySection {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][psobject] $InputObject)

    foreach ($row in @($InputObject.Data)) {
        if ($null -eq $row) { continue }
        $expanded = [ordered] @{ PSTypeName = $row.PSObject.TypeNames[0]; ComputerName = $InputObject.ComputerName }
        foreach ($property in $row.PSObject.Properties) { $expanded[$property.Name] = $property.Value }
        [pscustomobject] $expanded
    }
}

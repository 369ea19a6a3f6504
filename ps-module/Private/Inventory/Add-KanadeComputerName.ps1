# A row that says first which PC it is of, as those of the fleet do.
function Add-KanadeComputerName {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject,
        [Parameter(Mandatory = $true)][string] $Pc
    )

    process {
        $row = [ordered] @{ PSTypeName = $InputObject.PSObject.TypeNames[0]; ComputerName = $Pc }
        foreach ($property in $InputObject.PSObject.Properties) { $row[$property.Name] = $property.Value }
        [pscustomobject] $row
    }
}

# A value with a mark taken out of every text in it, for ConvertFrom-KanadeJson. Objects and lists stay those they are; each list comes
# back behind a comma.
function ConvertFrom-KanadeMarkedValue {
    [CmdletBinding()]
    param(
        [AllowNull()][object] $Value,
        [Parameter(Mandatory = $true)][string] $Mark
    )

    if ($Value -is [string]) { return $Value.Replace($Mark, '') }
    if ($Value -is [System.Management.Automation.PSCustomObject]) {
        foreach ($property in $Value.PSObject.Properties) {
            if ($null -ne $property.Value -and $property.Value -isnot [ValueType]) { $property.Value = ConvertFrom-KanadeMarkedValue -Value $property.Value -Mark $Mark }
        }
    } elseif ($Value -is [array]) {
        for ($n = 0; $n -lt $Value.Count; $n++) { $Value[$n] = ConvertFrom-KanadeMarkedValue -Value $Value[$n] -Mark $Mark }
        return , $Value
    }
    return $Value
}

# What a PC is made of, in one line for whoever compares two of them; $null when it has said nothing.
function ConvertTo-KanadeHardware {
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()][psobject] $Value)

    if ($null -eq $Value) { return $null }
    $said = foreach ($name in 'uuid', 'machine_guid') {
        # What a PC could not read of itself it does not say.
        $property = $Value.PSObject.Properties[$name]
        if ($null -ne $property -and $property.Value) { "$name $($property.Value)" }
    }
    if (-not $said) { return $null }
    return $said -join ', '
}

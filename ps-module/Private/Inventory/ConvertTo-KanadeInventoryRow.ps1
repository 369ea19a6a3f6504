# A row of a section, { pc_id, row } of the API, as the object that Get-KanadeInventory gives on a PC itself. Without a pc_id
# it goes without ComputerName. Everything happens in one function, because a fleet has millions of values.
function ConvertTo-KanadeInventoryRow {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject,
        [Parameter(Mandatory = $true)][string] $Section
    )

    begin {
        $typeName = 'Kanade.Inventory.Row'
        $custom = $Section -notin (Get-KanadeInventoryDefinition).Keys
        if (-not $custom) { $typeName = 'Kanade.Inventory.' + (ConvertTo-KanadePascalCase -Name $Section) }
        $names = @{}
        $reserved = 'ComputerName', 'PSTypeName', 'PSTypeNames', 'PSObject', 'PSBase', 'PSAdapted', 'PSExtended', ''
        $at = [System.DateTimeOffset]::MinValue
    }

    process {
        $table = [ordered] @{ PSTypeName = $typeName }
        if ($null -ne $InputObject.pc_id) { $table['ComputerName'] = $InputObject.pc_id }
        foreach ($property in $InputObject.row.PSObject.Properties) {
            $name = $names[$property.Name]
            if ($null -eq $name) {
                $name = ConvertTo-KanadePascalCase -Name $property.Name
                # What a script calls so must not decide on which PC the next command of the pipeline runs; nor of what type a row is.
                # The rest are names that every object of PowerShell has already: making one of them fails.
                if ($name -in $reserved) { $name = "Reported$name" }
                $names[$property.Name] = $name
            }
            $value = $property.Value
            if ($value -is [string]) {
                if ($value.Length -ge 20 -and $value[10] -ceq 'T' -and $value -cmatch '\A\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?Z\z') {
                    # What only looks like a time, such as of February 30, stays text: one row of one PC must not end the list of a fleet.
                    if ([System.DateTimeOffset]::TryParse($value, [cultureinfo]::InvariantCulture, [System.Globalization.DateTimeStyles]::None, [ref] $at)) { $value = $at.LocalDateTime }
                }
            }
            # No view can be made for fields nobody knows: PowerShell shows these objects as they are.
            if ($custom -and ($value -is [string] -or $value -is [array])) { $value = Format-KanadeCell -Value $value }
            $table[$name] = $value
        }
        [pscustomobject] $table
    }
}

# The way back: what ConvertTo-KanadeJsonValue gives, with the names of the API. What is $null is left out, for no document says
# null. Each list comes back behind a comma.
function ConvertFrom-KanadePascalObject {
    [CmdletBinding()]
    param([AllowNull()][object] $Value)

    if ($Value -is [System.Collections.IDictionary]) {
        $table = [ordered] @{}
        foreach ($name in $Value.Keys) {
            if ($null -ne $Value[$name]) { $table[(ConvertTo-KanadeSnakeCase -Name $name)] = ConvertFrom-KanadePascalObject -Value $Value[$name] }
        }
        return $table
    }
    if ($Value -is [array]) {
        $list = New-Object -TypeName System.Collections.ArrayList
        foreach ($item in $Value) { $null = $list.Add((ConvertFrom-KanadePascalObject -Value $item)) }
        return , $list.ToArray()
    }
    return $Value
}

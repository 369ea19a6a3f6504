# Rows and what is in them, the way JSON has them: names in snake_case, times in RFC 3339 with Z.
# Each array comes back behind a comma, so that one of a single item stays an array.
function ConvertTo-KanadeInventoryValue {
    [CmdletBinding()]
    param(
        [AllowNull()][object] $Value,
        # Names that have been converted: thousands of rows have the same.
        [hashtable] $Known = @{}
    )

    if ($null -eq $Value) { return $null }
    if ($Value -is [datetime]) {
        return $Value.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", [cultureinfo]::InvariantCulture)
    }
    if ($Value -is [System.Management.Automation.PSCustomObject]) {
        $table = [ordered] @{}
        foreach ($property in $Value.PSObject.Properties) {
            if (-not $Known.ContainsKey($property.Name)) { $Known[$property.Name] = ConvertTo-KanadeSnakeCase -Name $property.Name }
            $item = $property.Value
            if ($null -ne $item -and $item -isnot [string]) { $item = ConvertTo-KanadeInventoryValue -Value $item -Known $Known }
            # Windows PowerShell would write a list that has come down a pipeline as an object, with its Count.
            if ($null -ne $item) { $item = $item.PSObject.BaseObject }
            $table[$Known[$property.Name]] = $item
        }
        return $table
    }
    if ($Value -is [System.Collections.IEnumerable] -and $Value -isnot [string]) {
        $list = New-Object -TypeName System.Collections.ArrayList
        foreach ($item in $Value) { $null = $list.Add((ConvertTo-KanadeInventoryValue -Value $item -Known $Known)) }
        return , $list.ToArray()
    }
    return $Value
}

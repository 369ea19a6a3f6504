# A value of the API as PowerShell shows it, starting_deadline as StartingDeadline: objects all the way down, lists as
# lists. Each list comes back behind a comma, so that one of a single item stays a list.
function ConvertTo-KanadePascalObject {
    [CmdletBinding()]
    param(
        [AllowNull()][object] $Value,
        # Properties it has whether the document says them or not, so that they can be set.
        [string[]] $Always = @()
    )

    if ($Value -is [System.Management.Automation.PSCustomObject]) {
        $table = [ordered] @{}
        foreach ($name in $Always) { $table[$name] = $null }
        foreach ($property in $Value.PSObject.Properties) {
            $table[(ConvertTo-KanadePascalCase -Name $property.Name)] = ConvertTo-KanadePascalObject -Value $property.Value
        }
        return [pscustomobject] $table
    }
    if ($Value -is [array]) {
        $list = New-Object -TypeName System.Collections.ArrayList
        foreach ($item in $Value) { $null = $list.Add((ConvertTo-KanadePascalObject -Value $item)) }
        return , $list.ToArray()
    }
    return $Value
}

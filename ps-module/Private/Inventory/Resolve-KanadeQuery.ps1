# The conditions of a dynamic group as the API writes them. A section or a field that no PC has yet may be one that will come: it is
# written the way names are, and the backend judges.
function Resolve-KanadeQuery {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][AllowEmptyString()][string[]] $Query)

    foreach ($text in $Query) {
        $parts = ConvertFrom-KanadeFilter -Filter $text
        $sections = @(Get-KanadeFleetSection -Section $parts.Section)
        $found = Select-KanadeName -Name $parts.Section -From @(@($sections | ForEach-Object -Process { $_.section }) + @((Get-KanadeInventoryDefinition).Keys) | Sort-Object -Unique)
        if ($found) {
            $parts.Section = $found
            $fields = @($sections | Where-Object -FilterScript { $_.section -eq $found } | ForEach-Object -Process { $_.fields })
            $field = Select-KanadeName -Name $parts.Field -From $fields
            if ($field) { $parts.Field = $field }
        }
        ConvertTo-KanadeCondition -Filter $parts
    }
}

# The names of sections that begin so: those of the fleet, and those that agents collect.
function Complete-KanadeSection {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.CompletionResult])]
    param([AllowEmptyString()][string] $Word)

    $Word = $Word.Trim([char[]] "'`"")
    try {
        $fleet = @(Get-KanadeFleetSection -Quiet | ForEach-Object -Process { $_.section })
    } catch {
        $fleet = @()
    }
    foreach ($name in @($fleet + @((Get-KanadeInventoryDefinition).Keys) | Sort-Object -Unique)) {
        if ($name.StartsWith($Word, [System.StringComparison]::OrdinalIgnoreCase)) {
            New-Object -TypeName System.Management.Automation.CompletionResult -ArgumentList $name, $name, 'ParameterValue', $name
        }
    }
}

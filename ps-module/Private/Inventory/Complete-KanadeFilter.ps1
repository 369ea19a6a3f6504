# Beginnings of conditions: the fields of a section, as the objects show them; without one its name comes first. The quote stays open,
# because the rest is still to come.
function Complete-KanadeFilter {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.CompletionResult])]
    param(
        [AllowEmptyString()][string] $Word,
        [AllowEmptyString()][string] $Section
    )

    $Word = $Word.Trim([char[]] "'`"")
    $named = $Word -match '\A(\w+)\.'
    if ($named) { $Section = $Matches[1] }
    try {
        $sections = @(Get-KanadeFleetSection -Section $Section -Quiet)
    } catch {
        return
    }
    if (-not $Section) {
        foreach ($known in $sections) {
            if ($known.section.StartsWith($Word, [System.StringComparison]::OrdinalIgnoreCase)) {
                New-Object -TypeName System.Management.Automation.CompletionResult -ArgumentList "'$($known.section).", $known.section, 'ParameterValue', "on $(Format-KanadePcCount -Number $known.pcs)"
            }
        }
        return
    }
    $found = Select-KanadeName -Name $Section -From @($sections | ForEach-Object -Process { $_.section })
    if (-not $found) { return }
    $prefix = ''
    if ($named) { $prefix = "$Section." }
    foreach ($field in @($sections | Where-Object -FilterScript { $_.section -eq $found }).fields) {
        $name = $prefix + (ConvertTo-KanadePascalCase -Name $field)
        if ($name.StartsWith($Word, [System.StringComparison]::OrdinalIgnoreCase)) {
            New-Object -TypeName System.Management.Automation.CompletionResult -ArgumentList "'$name", $name, 'ParameterValue', "$name of $found"
        }
    }
}

# The conditions of a dynamic group as the API writes them. A field that no PC has is refused, as where PCs are looked for: the group
# would have no members, or with ! and != all PCs. A section that no PC has may be one that comes with a job: that is a warning.
function Resolve-KanadeQuery {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][AllowEmptyString()][string[]] $Query,
        # Of the group as it is, as the API writes them: they stay possible when the last PC that had the field has gone.
        [AllowNull()][string[]] $Kept
    )

    # However its names are written.
    $key = { param($Parts) "$($Parts.Absent) $("$($Parts.Section).$($Parts.Field)".Replace('_', '')) $($Parts.Operator) $($Parts.Value)" }
    $known = @{}
    foreach ($text in $Kept) { $known[(& $key (ConvertFrom-KanadeFilter -Filter $text))] = $text }
    foreach ($text in $Query) {
        $parts = ConvertFrom-KanadeFilter -Filter $text
        $was = $known[(& $key $parts)]
        if ($was) { $was; continue }
        # What was not there some seconds ago may be there now.
        foreach ($fresh in $false, $true) {
            $sections = @(Get-KanadeFleetSection -Section $parts.Section -Fresh:$fresh)
            $section = Select-KanadeName -Name $parts.Section -From @($sections | ForEach-Object -Process { $_.section })
            $fields = @($sections | Where-Object -FilterScript { $section -and $_.section -eq $section } | ForEach-Object -Process { $_.fields })
            $field = Select-KanadeName -Name $parts.Field -From $fields
            if ($field) { break }
        }
        if ($field) {
            $parts.Field = $field
        } elseif ($fields.Count -gt 0) {
            throw (Get-KanadeErrorRecord -Code 'unknown_field' -Category ObjectNotFound -TargetObject $text -Message (Get-KanadeFieldError -Filter $parts -Section $section -Field $fields))
        } else {
            $names = @(@(Get-KanadeFleetSection | ForEach-Object -Process { $_.section }) + @((Get-KanadeInventoryDefinition).Keys) | Sort-Object -Unique)
            $said = $parts.Section
            $section = Select-KanadeName -Name $said -From $names
            Write-Warning -Message "'$text': no PC has a section '$said' yet, and until one has nobody meets this condition.$(if (-not $section) { " There are $($names -join ', ')." })"
        }
        if ($section) { $parts.Section = $section }
        ConvertTo-KanadeCondition -Filter $parts
    }
}

# The rows of a section. What could not be read is a warning.
function Expand-KanadeInventorySection {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][psobject] $InputObject)

    foreach ($fault in $InputObject.Faults) {
        $text = Format-KanadeCell -Value "$($InputObject.ComputerName): $($fault.Source) of $($InputObject.Section) could not be read ($($fault.Code)): $($fault.Message)"
        # What a PC does not have at all is no trouble.
        if ($fault.Code -eq 'not_supported') { Write-Verbose -Message $text } else { Write-Warning -Message $text }
    }
    foreach ($row in @($InputObject.Data)) {
        if ($null -ne $row) { $row }
    }
}

# Whom an execution was for, in one line.
function ConvertTo-KanadeTargetText {
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()][object] $Target)

    if ($null -eq $Target) { return '' }
    $parts = foreach ($property in $Target.PSObject.Properties) {
        switch ($property.Name) {
            'all' { 'all' }
            'groups' { @($property.Value) | ForEach-Object -Process { "group $_" } }
            'pcs' { @($property.Value) }
            'pcs_count' { Format-KanadePcCount -Number $property.Value }
        }
    }
    return @($parts) -join ', '
}

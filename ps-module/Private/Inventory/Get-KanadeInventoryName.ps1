# The sections that this PC has.
function Get-KanadeInventoryName {
    [CmdletBinding()]
    [OutputType([string])]
    param()

    $platform = Get-KanadePlatform
    if (-not $platform) { return }
    $definitions = Get-KanadeInventoryDefinition
    foreach ($name in $definitions.Keys) {
        if ($definitions[$name].ContainsKey($platform)) { $name }
    }
}

# The section an admin means, { section, fields }. One that the agents collect and no PC has sent yet has no fields; any other that no
# PC has is an error which names those there are.
function Resolve-KanadeSection {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][string] $Name)

    $collected = @((Get-KanadeInventoryDefinition).Keys)
    foreach ($fresh in $false, $true) {
        $sections = @(Get-KanadeFleetSection -Section $Name -Fresh:$fresh)
        $names = @($sections | ForEach-Object -Process { $_.section })
        $found = Select-KanadeName -Name $Name -From $names
        if ($found) { return $sections[[array]::IndexOf($names, $found)] }
    }
    $found = Select-KanadeName -Name $Name -From $collected
    if ($found) { return [pscustomobject] @{ section = $found; fields = @() } }
    $names = @(@(Get-KanadeFleetSection | ForEach-Object -Process { $_.section }) + $collected | Sort-Object -Unique)
    throw (Get-KanadeErrorRecord -Code 'unknown_section' -Category ObjectNotFound -TargetObject $Name -Message "No PC has a section '$Name'. There are $($names -join ', ').")
}

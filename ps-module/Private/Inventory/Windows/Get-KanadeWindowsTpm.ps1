# As it was when Windows started, by properties: its methods ask the chip, which takes seconds.
function Get-KanadeWindowsTpm {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $chips = Read-KanadeCim -Reading $Reading -ClassName Win32_Tpm -Namespace 'root/cimv2/Security/MicrosoftTpm' -Property IsEnabled_InitialValue, IsActivated_InitialValue, IsOwned_InitialValue, SpecVersion, ManufacturerVersion -Optional ManufacturerIdTxt
    if ($null -eq $chips) { return $null }
    if ($chips.Count -eq 0) {
        return [pscustomobject] @{ Present = $false; Enabled = $null; Activated = $null; Owned = $null; Version = $null; Manufacturer = $null; ManufacturerVersion = $null }
    }
    [pscustomobject] @{
        Present             = $true
        Enabled             = $chips[0].IsEnabled_InitialValue
        Activated           = $chips[0].IsActivated_InitialValue
        Owned               = $chips[0].IsOwned_InitialValue
        # '2.0, 0, 1.38': the specification, its level and its revision.
        Version             = ConvertTo-KanadeText -Value "$($chips[0].SpecVersion)".Split(',')[0]
        Manufacturer        = ConvertTo-KanadeText -Value $chips[0].ManufacturerIdTxt
        ManufacturerVersion = ConvertTo-KanadeText -Value $chips[0].ManufacturerVersion
    }
}

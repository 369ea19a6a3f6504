# What an MSFT_NetAdapter is doing: up, disconnected, disabled, not_present or down.
function ConvertTo-KanadeLinkStatus {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][psobject] $Adapter)

    if ($Adapter.InterfaceAdminStatus -eq 2) { return 'disabled' }
    if ($Adapter.InterfaceOperationalStatus -eq 1) { return 'up' }
    if ($Adapter.InterfaceOperationalStatus -eq 6) { return 'not_present' }
    if ($Adapter.MediaConnectState -eq 2) { return 'disconnected' }
    return 'down'
}

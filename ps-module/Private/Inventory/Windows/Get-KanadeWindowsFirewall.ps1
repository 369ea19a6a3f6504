# What is in force of each profile, of the registry: a group policy counts before a management service, and that before what was
# set on the PC. CIM would give what was set on the PC alone.
function Get-KanadeWindowsFirewall {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $local = 'SYSTEM\CurrentControlSet\Services\SharedAccess\Parameters\FirewallPolicy'
    $read = 0
    foreach ($name in 'domain', 'private', 'public') {
        # Private networks have been called standard there ever since.
        $key = @{ domain = 'DomainProfile'; private = 'StandardProfile'; public = 'PublicProfile' }[$name]
        $set = @{ EnableFirewall = $null; DefaultInboundAction = $null; DefaultOutboundAction = $null }
        $known = $true
        foreach ($path in "SOFTWARE\Policies\Microsoft\WindowsFirewall\$key", "$local\Mdm\$key", "$local\$key") {
            $policy = Read-KanadeRegistry -Reading $Reading -Path $path
            if (-not $policy.Read) { $known = $false }
            foreach ($value in @($set.Keys)) {
                if ($null -eq $set[$value]) { $set[$value] = $policy.Values[$value] }
            }
        }
        # What counts first may be what could not be read.
        if (-not $known) { continue }
        $read++
        [pscustomobject] @{
            Name     = $name
            # On, nothing in and everything out, unless something else is said.
            Enabled  = $set.EnableFirewall -ne 0
            Inbound  = $(if ($set.DefaultInboundAction -eq 0) { 'allow' } else { 'block' })
            Outbound = $(if ($set.DefaultOutboundAction -eq 1) { 'block' } else { 'allow' })
        }
    }
    if ($read -eq 0) { return $null }
}

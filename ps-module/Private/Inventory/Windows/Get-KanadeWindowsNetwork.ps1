# The adapters as Windows shows them, with the addresses that stay: not the temporary ones of IPv6, which are others every day, nor
# the link-local ones.
function Get-KanadeWindowsNetwork {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $adapters = Read-KanadeCim -Reading $Reading -ClassName MSFT_NetAdapter -Namespace 'root/StandardCimv2' -Filter 'Hidden=FALSE' -Property Name, InterfaceDescription, InterfaceIndex, NetworkAddresses, PermanentAddress, Speed, NdisPhysicalMedium, InterfaceAdminStatus, InterfaceOperationalStatus, MediaConnectState
    if ($null -eq $adapters) { return $null }
    $configurations = Read-KanadeCim -Reading $Reading -ClassName Win32_NetworkAdapterConfiguration -Filter 'IPEnabled=TRUE' -Property InterfaceIndex, IPAddress, DefaultIPGateway, DNSServerSearchOrder, DHCPEnabled
    $addresses = Read-KanadeCim -Reading $Reading -ClassName MSFT_NetIPAddress -Namespace 'root/StandardCimv2' -Property InterfaceIndex, IPAddress, SuffixOrigin
    foreach ($adapter in $adapters) {
        $configuration = @($configurations | Where-Object -FilterScript { $null -ne $_ -and $_.InterfaceIndex -eq $adapter.InterfaceIndex }) | Select-Object -First 1
        $ips = $null; $gateways = $null; $dns = $null; $dhcp = $null
        if ($null -ne $configurations) {
            $ips = @(); $gateways = @(); $dns = @()
            if ($null -ne $configuration) {
                $ips = @($configuration.IPAddress)
                # 5: made up at random, for a while.
                $temporary = @($addresses | Where-Object -FilterScript { $null -ne $_ -and $_.InterfaceIndex -eq $adapter.InterfaceIndex -and $_.SuffixOrigin -eq 5 } | ForEach-Object -Process { $_.IPAddress })
                $ips = @($ips | Where-Object -FilterScript { $null -ne $_ -and $_ -notlike 'fe80:*' -and $_ -notin $temporary })
                $gateways = @($configuration.DefaultIPGateway | Where-Object -FilterScript { $null -ne $_ -and $_ -notlike 'fe80:*' })
                $dns = @($configuration.DNSServerSearchOrder | Where-Object -FilterScript { $null -ne $_ })
                $dhcp = $configuration.DHCPEnabled
            }
        }
        $mac = @($adapter.NetworkAddresses) + $adapter.PermanentAddress | Where-Object -FilterScript { $_ } | Select-Object -First 1
        [pscustomobject] @{
            Name        = ConvertTo-KanadeText -Value $adapter.Name
            Description = ConvertTo-KanadeText -Value $adapter.InterfaceDescription
            MacAddress  = ConvertTo-KanadeMacAddress -Value $mac
            IpAddresses = $ips
            Gateways    = $gateways
            DnsServers  = $dns
            Dhcp        = $dhcp
            Status      = ConvertTo-KanadeLinkStatus -Adapter $adapter
            SpeedMbps   = ConvertTo-KanadeLinkSpeed -Adapter $adapter
        }
    }
}

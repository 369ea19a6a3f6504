function Get-KanadeLinuxNetwork {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $interfaces = Read-KanadeSource -Reading $Reading -Source '/sys/class/net' -Read { [System.Net.NetworkInformation.NetworkInterface]::GetAllNetworkInterfaces() }
    if ($null -eq $interfaces) { return $null }
    foreach ($interface in $interfaces) {
        # Ends of containers come and go.
        if ($interface.NetworkInterfaceType -eq [System.Net.NetworkInformation.NetworkInterfaceType]::Loopback -or $interface.Name -like 'veth*') { continue }
        $properties = $interface.GetIPProperties()
        $up = $interface.OperationalStatus -eq [System.Net.NetworkInformation.OperationalStatus]::Up
        $speed = $null
        # -1, and what all ones make, say that nobody knows.
        if ($up -and $interface.Speed -gt 0 -and $interface.Speed -lt 1e15) { $speed = [long] ($interface.Speed / 1e6) }
        $ips = @($properties.UnicastAddresses | ForEach-Object -Process { $_.Address } | Where-Object -FilterScript { -not $_.IsIPv6LinkLocal } | ForEach-Object -Process { "$_" })
        [pscustomobject] @{
            Name        = $interface.Name
            Description = $null
            MacAddress  = ConvertTo-KanadeMacAddress -Value $interface.GetPhysicalAddress()
            IpAddresses = @(Get-KanadeOrdinal -Value $ips)
            Gateways    = @(Get-KanadeOrdinal -Value @($properties.GatewayAddresses | ForEach-Object -Process { "$($_.Address)" }))
            DnsServers  = @($properties.DnsAddresses | ForEach-Object -Process { "$_" })
            Dhcp        = $null
            Status      = $(if ($up) { 'up' } else { 'down' })
            SpeedMbps   = $speed
        }
    }
}

function Get-KanadeLinuxSystem {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    # Some of it for root only; in a container nothing of it is there.
    $dmi = @{}
    foreach ($name in 'sys_vendor', 'product_name', 'product_family', 'product_uuid', 'product_serial', 'chassis_type') {
        $dmi[$name] = "$(Read-KanadeFile -Reading $Reading -Path "/sys/class/dmi/id/$name")"
    }
    $memory = $null
    if ("$(Read-KanadeFile -Reading $Reading -Path '/proc/meminfo')" -match '\bMemTotal:\s+(\d+) kB') { $memory = [long] $Matches[1] * 1024 }
    $domain = [System.Net.NetworkInformation.IPGlobalProperties]::GetIPGlobalProperties().DomainName
    if ($domain -eq '(none)') { $domain = $null }
    [pscustomobject] @{
        Name         = [System.Environment]::MachineName
        Domain       = ConvertTo-KanadeText -Value $domain
        # There are many ways to join, and no one place that says so.
        PartOfDomain = $null
        Manufacturer = ConvertTo-KanadeIdentity -Value $dmi.sys_vendor
        Model        = ConvertTo-KanadeIdentity -Value $dmi.product_name
        Family       = ConvertTo-KanadeIdentity -Value $dmi.product_family
        Uuid         = ConvertTo-KanadeIdentity -Value $dmi.product_uuid
        SerialNumber = ConvertTo-KanadeIdentity -Value $dmi.product_serial
        Chassis      = ConvertTo-KanadeChassis -Type $dmi.chassis_type
        TimeZone     = [System.TimeZoneInfo]::Local.Id
        MemoryBytes  = $memory
    }
}

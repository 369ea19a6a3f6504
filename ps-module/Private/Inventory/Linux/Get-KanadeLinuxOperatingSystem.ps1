function Get-KanadeLinuxOperatingSystem {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $lines = Read-KanadeFile -Reading $Reading -Path '/etc/os-release'
    if ($null -eq $lines) { return $null }
    $release = @{}
    foreach ($line in $lines) {
        if ($line -match '^([A-Z_]+)=["'']?(.*?)["'']?$') { $release[$Matches[1]] = $Matches[2] }
    }
    $booted = $null
    $stat = Read-KanadeFile -Reading $Reading -Path '/proc/stat'
    foreach ($line in $stat) {
        if ($line -match '^btime (\d+)$') { $booted = [System.DateTimeOffset]::FromUnixTimeSeconds([long] $Matches[1]).LocalDateTime }
    }
    # C.UTF-8 and POSIX are no language.
    $locale = $null
    foreach ($path in '/etc/default/locale', '/etc/locale.conf') {
        if ("$(Read-KanadeFile -Reading $Reading -Path $path)" -match '\bLANG=["'']?([a-z]{2,3}_[A-Z]{2})') { $locale = $Matches[1].Replace('_', '-') }
    }
    [pscustomobject] @{
        Name           = ConvertTo-KanadeText -Value $release['PRETTY_NAME']
        Version        = ConvertTo-KanadeText -Value $release['VERSION_ID']
        Build          = $null
        Revision       = $null
        DisplayVersion = ConvertTo-KanadeText -Value $release['VERSION']
        Edition        = ConvertTo-KanadeText -Value $release['VARIANT_ID']
        ProductType    = $null
        Architecture   = [System.Runtime.InteropServices.RuntimeInformation]::OSArchitecture.ToString().ToLowerInvariant()
        Locale         = $locale
        InstalledAt    = $null
        BootedAt       = ConvertTo-KanadeMinute -Value $booted
    }
}

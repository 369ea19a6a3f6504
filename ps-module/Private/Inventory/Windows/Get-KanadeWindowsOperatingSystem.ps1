# Mostly of the registry: CIM has neither the revision nor the version that people speak of, and its name for the system is in
# the language of the system.
function Get-KanadeWindowsOperatingSystem {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $system = Read-KanadeCimObject -Reading $Reading -ClassName Win32_OperatingSystem -Property Caption, Version, BuildNumber, ProductType, Locale, InstallDate, LastBootUpTime
    $current = (Read-KanadeRegistry -Reading $Reading -Path 'SOFTWARE\Microsoft\Windows NT\CurrentVersion').Values
    if (-not $system.Read -and $current.Count -eq 0) { return $null }

    $build = $null
    foreach ($text in $current['CurrentBuild'], $system.BuildNumber) {
        if ($null -eq $build -and "$text" -match '^\d+$') { $build = [int] "$text" }
    }
    $version = $system.Version
    if ($null -ne $current['CurrentMajorVersionNumber']) {
        $version = "$($current['CurrentMajorVersionNumber']).$($current['CurrentMinorVersionNumber']).$build"
        if ($null -ne $current['UBR']) { $version += ".$($current['UBR'])" }
    }
    $name = ConvertTo-KanadeText -Value $current['ProductName']
    if ($null -eq $name) { $name = "$(ConvertTo-KanadeText -Value $system.Caption)" -replace '^Microsoft ' }
    # It still calls itself 10 there.
    if ($build -ge 22000) { $name = $name -replace '^Windows 10\b', 'Windows 11' }
    # Of Windows 10 before 20H2.
    $display = ConvertTo-KanadeText -Value $current['DisplayVersion']
    if ($null -eq $display) { $display = ConvertTo-KanadeText -Value $current['ReleaseId'] }
    $type = $null
    if ($null -ne $system.ProductType) { $type = @{ 1 = 'workstation'; 2 = 'domain_controller'; 3 = 'server' }[[int] $system.ProductType] }
    # The same whatever the time of the year: what CIM says moves with summer time.
    $installed = $system.InstallDate
    if ($null -ne $current['InstallDate']) { $installed = [System.DateTimeOffset]::FromUnixTimeSeconds([long] $current['InstallDate'] -band 0xffffffffL).LocalDateTime }
    [pscustomobject] @{
        Name           = ConvertTo-KanadeText -Value $name
        Version        = ConvertTo-KanadeText -Value $version
        Build          = $build
        Revision       = $current['UBR']
        DisplayVersion = $display
        Edition        = ConvertTo-KanadeText -Value $current['EditionID']
        ProductType    = $type
        Architecture   = Read-KanadeArchitecture -Reading $Reading
        Locale         = ConvertTo-KanadeLocale -Lcid $system.Locale
        InstalledAt    = $installed
        BootedAt       = ConvertTo-KanadeMinute -Value $system.LastBootUpTime
    }
}

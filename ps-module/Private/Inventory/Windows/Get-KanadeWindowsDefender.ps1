# Defender, and which other antivirus products have told Windows that they are there. The first is missing where it was removed or
# switched off, the second on servers.
function Get-KanadeWindowsDefender {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    # Its service does not run: that is an answer.
    $off = @{ 0x800106baL = [pscustomobject] @{ AntivirusEnabled = $false; RealTimeProtectionEnabled = $false } }
    $status = Read-KanadeCimObject -Reading $Reading -ClassName MSFT_MpComputerStatus -Namespace 'root/Microsoft/Windows/Defender' -Property AntivirusEnabled, RealTimeProtectionEnabled, AMProductVersion, AMEngineVersion, AntivirusSignatureVersion, AntivirusSignatureLastUpdated, QuickScanEndTime, FullScanEndTime -Optional IsTamperProtected -Instead $off
    $products = Read-KanadeCim -Reading $Reading -ClassName AntiVirusProduct -Namespace 'root/SecurityCenter2' -Property displayName, instanceGuid
    if (-not $status.Read -and $null -eq $products) { return $null }
    $others = $null
    if ($null -ne $products) {
        # Defender registers itself under this one, whatever its name is here.
        $others = @($products | Where-Object -FilterScript { $_.instanceGuid -ne '{D68DDC3A-831F-4fae-9E44-DA132C1ACF46}' } | ForEach-Object -Process { ConvertTo-KanadeText -Value $_.displayName })
        $others = @(Get-KanadeOrdinal -Value $others)
    }
    [pscustomobject] @{
        AntivirusEnabled   = $status.AntivirusEnabled
        RealTimeProtection = $status.RealTimeProtectionEnabled
        TamperProtected    = $status.IsTamperProtected
        ProductVersion     = ConvertTo-KanadeText -Value $status.AMProductVersion
        EngineVersion      = ConvertTo-KanadeText -Value $status.AMEngineVersion
        SignatureVersion   = ConvertTo-KanadeText -Value $status.AntivirusSignatureVersion
        SignatureUpdatedAt = $status.AntivirusSignatureLastUpdated
        QuickScanAt        = $status.QuickScanEndTime
        FullScanAt         = $status.FullScanEndTime
        OtherProducts      = $others
    }
}

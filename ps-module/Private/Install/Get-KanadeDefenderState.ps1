# What Microsoft Defender does on this PC, and what it has found in files of the agent. Throws where there is none.
function Get-KanadeDefenderState {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param()

    $preference = Get-MpPreference -ErrorAction Stop
    $status = Get-MpComputerStatus -ErrorAction Stop
    $found = @(Get-MpThreatDetection -ErrorAction Stop | ForEach-Object -Process { $_.Resources } | Where-Object -FilterScript { $_ -like '*\Kanade\*' })
    return @{ RealTime = [bool] $status.RealTimeProtectionEnabled; Excluded = [string[]] @($preference.ExclusionPath); Found = [string[]] $found }
}

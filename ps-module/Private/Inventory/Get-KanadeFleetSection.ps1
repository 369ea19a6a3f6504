# The sections that PCs of the fleet have, with the fields of their rows. Kept for a moment, because completion asks at every Tab;
# -Fresh asks again.
function Get-KanadeFleetSection {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [switch] $Fresh,
        # For completion: whoever presses Tab waits for no backend that does not answer, and is told nothing.
        [switch] $Quiet
    )

    # Seconds.
    $keep = 30
    if ($Quiet -and $null -eq $script:KanadeContext -and -not ($env:KANADE_SERVER -and $env:KANADE_TOKEN)) { return }
    $server = [string] (Get-KanadeConnection).Server
    $known = $script:KanadeFleetSections
    if (-not $Fresh -and $null -ne $known -and $known.Server -eq $server -and $known.Age.Elapsed.TotalSeconds -lt $keep -and ($Quiet -or -not $known.Failed)) { return $known.Items }
    $patience = @{}
    if ($Quiet) { $patience = @{ Once = $true; TimeoutSec = 2 } }
    $answer = Invoke-KanadeRestMethod -Path '/inventory/sections' -PassError @patience
    $failed = $answer -is [System.Management.Automation.ErrorRecord]
    if ($failed -and -not $Quiet) { throw $answer }
    $items = @()
    if (-not $failed) { $items = @($answer.items) }
    $script:KanadeFleetSections = @{ Server = $server; Age = [System.Diagnostics.Stopwatch]::StartNew(); Items = $items; Failed = $failed }
    return $items
}

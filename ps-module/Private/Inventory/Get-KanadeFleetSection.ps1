# The sections that PCs of the fleet have, with the fields of their rows; with -Section that one, however its name is written, which is
# a small answer of a fleet with many. Kept for a moment, because completion asks at every Tab; -Fresh asks again.
function Get-KanadeFleetSection {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [AllowEmptyString()][string] $Section,
        [switch] $Fresh,
        # For completion: whoever presses Tab waits for no backend that does not answer, and is told nothing.
        [switch] $Quiet
    )

    # Seconds.
    $keep = 30
    # Characters: no name is longer.
    $longest = 100
    if ($Section.Length -gt $longest) { return }
    if ($Quiet -and $null -eq $script:KanadeContext -and -not ($env:KANADE_SERVER -and $env:KANADE_TOKEN)) { return }
    $server = [string] (Get-KanadeConnection).Server
    if ($null -eq $script:KanadeFleetSections -or $script:KanadeFleetSections.Server -ne $server) {
        $script:KanadeFleetSections = @{ Server = $server; Answers = @{} }
    }
    $answers = $script:KanadeFleetSections.Answers
    foreach ($old in @($answers.Keys)) {
        if ($answers[$old].Age.Elapsed.TotalSeconds -ge $keep) { $answers.Remove($old) }
    }
    $key = $Section.ToLowerInvariant()
    $known = $answers[$key]
    if (-not $Fresh -and $null -ne $known -and ($Quiet -or -not $known.Failed)) { return $known.Items }
    $more = @{}
    if ($Quiet) { $more = @{ Once = $true; TimeoutSec = 2 } }
    if ($Section) { $more.Query = @{ section = $Section } }
    $answer = Invoke-KanadeRestMethod -Path '/inventory/sections' -PassError @more
    $failed = $answer -is [System.Management.Automation.ErrorRecord]
    if ($failed -and -not $Quiet) { throw $answer }
    $items = @()
    if (-not $failed) { $items = @($answer.items) }
    $answers[$key] = @{ Age = [System.Diagnostics.Stopwatch]::StartNew(); Items = $items; Failed = $failed }
    return $items
}

# One pause of a loop that looks again and again, each longer than the last. False, and no pause, when the time is up.
function Wait-KanadePause {
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        # As Get-KanadeWatch gives it.
        [Parameter(Mandatory = $true)][psobject] $Watch
    )

    $left = ($Watch.TimeoutSec - $Watch.Clock.Elapsed.TotalSeconds) * 1000
    if ($left -le 0) { return $false }
    Start-Sleep -Milliseconds ([int] [Math]::Max(1.0, [Math]::Min($Watch.Pause, $left)))
    $Watch.Pause = [Math]::Min(2000.0, $Watch.Pause * 1.5)
    return $true
}

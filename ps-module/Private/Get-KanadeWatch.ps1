# What a loop keeps that looks again and again until something has come to its end; see Wait-KanadePause.
function Get-KanadeWatch {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        # Seconds.
        [double] $TimeoutSec = [double]::PositiveInfinity
    )

    [pscustomobject] @{
        Clock      = [System.Diagnostics.Stopwatch]::StartNew()
        TimeoutSec = $TimeoutSec
        # Milliseconds of the next pause.
        Pause      = 100.0
        # Seconds of the clock at which to ask for what need not be asked each time.
        LookAt     = 0.0
    }
}

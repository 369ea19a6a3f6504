# On the PC itself: runs msiexec, and again while another installation runs, for so long. Its exit code.
function Wait-KanadeMsiexec {
    [CmdletBinding()]
    [OutputType([int])]
    param(
        [Parameter(Mandatory = $true)][string] $Argument,
        [Parameter(Mandatory = $true)][double] $BusyTimeoutSec,
        # Between two tries.
        [double] $PauseSec = 5
    )

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        $code = Invoke-KanadeMsiexec -Argument $Argument
        if ($code -ne 1618 -or $clock.Elapsed.TotalSeconds -ge $BusyTimeoutSec) { return $code }
        Start-Sleep -Milliseconds ([int] ($PauseSec * 1000))
    }
}

# The only function that starts programs for the inventory. Gives the lines that it has written, or an ErrorRecord.
function Invoke-KanadeNative {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string] $FilePath,
        # As one line: each part quoted where it needs to be.
        [string] $Arguments = '',
        [Parameter(Mandatory = $true)][double] $TimeoutSec,
        # Some programs say nothing by it.
        [switch] $AnyExitCode,
        # Default: the one of programs of this PC.
        [System.Text.Encoding] $Encoding
    )

    $parameters = @{ FilePath = $FilePath; Arguments = $Arguments; TimeoutSec = $TimeoutSec; AnyExitCode = [bool] $AnyExitCode; Encoding = $Encoding }
    # It ends its program by itself, so there is a little more for it.
    Invoke-KanadeBounded -TimeoutSec ($TimeoutSec + 2) -Parameter $parameters -ScriptBlock {
        param($FilePath, $Arguments, $TimeoutSec, $AnyExitCode, $Encoding)
        $start = New-Object -TypeName System.Diagnostics.ProcessStartInfo -ArgumentList $FilePath, $Arguments
        $start.UseShellExecute = $false
        $start.CreateNoWindow = $true
        $start.RedirectStandardInput = $true
        $start.RedirectStandardOutput = $true
        $start.RedirectStandardError = $true
        if ($null -ne $Encoding) { $start.StandardOutputEncoding = $Encoding }
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $process = [System.Diagnostics.Process]::Start($start)
        try {
            $process.StandardInput.Close()
            $stdout = $process.StandardOutput.ReadToEndAsync()
            $stderr = $process.StandardError.ReadToEndAsync()
            # What it has started itself may hold its output open, so this waits for both.
            while (-not ($stdout.IsCompleted -and $process.HasExited)) {
                if ($clock.Elapsed.TotalSeconds -ge $TimeoutSec) {
                    if (-not $process.HasExited) { $process.Kill() }
                    throw (New-Object -TypeName System.TimeoutException -ArgumentList ('There was no answer within {0:0.#} s.' -f $TimeoutSec))
                }
                $null = $process.WaitForExit(50)
                if ($process.HasExited) { $null = $stdout.Wait(50) }
            }
            if ($process.ExitCode -ne 0 -and -not $AnyExitCode) {
                $told = ''
                if ($stderr.Wait(500)) { $told = $stderr.Result.Trim() }
                throw (New-Object -TypeName System.InvalidOperationException -ArgumentList "It ended with $($process.ExitCode). $told")
            }
            $stdout.Result -split '\r?\n' | Where-Object -FilterScript { $_ -ne '' }
        } finally {
            $process.Dispose()
        }
    }
}

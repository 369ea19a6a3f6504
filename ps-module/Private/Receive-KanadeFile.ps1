# What is answered to a request as a new file of so many bytes. In short steps, so that Ctrl-C is heard. Gives nothing; or, where too many
# download at once, in how many seconds to come again.
function Receive-KanadeFile {
    [CmdletBinding()]
    [OutputType([int])]
    param(
        [Parameter(Mandatory = $true)][System.Net.WebRequest] $Request,
        [Parameter(Mandatory = $true)][string] $LiteralPath,
        [Parameter(Mandatory = $true)][long] $Size,
        # Until something moves.
        [int] $TimeoutSec = 60
    )

    $response = $null
    $file = $null
    try {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $answering = $Request.GetResponseAsync()
        $failure = Wait-KanadeTask -Task $answering -Clock $clock -TimeoutSec $TimeoutSec
        if ($failure -is [System.Net.WebException] -and $null -ne $failure.Response -and [int] $failure.Response.StatusCode -eq 503) {
            $seconds = 0
            $null = [int]::TryParse($failure.Response.Headers['Retry-After'], [ref] $seconds)
            return [Math]::Min(30, [Math]::Max(1, $seconds))
        }
        if ($null -ne $failure) { throw $failure }
        $response = $answering.Result
        $stream = $response.GetResponseStream()
        $file = New-Object -TypeName System.IO.FileStream -ArgumentList $LiteralPath, ([System.IO.FileMode]::CreateNew), ([System.IO.FileAccess]::Write)
        $bytes = New-Object -TypeName 'byte[]' -ArgumentList 262144
        while ($file.Length -le $Size) {
            $clock.Restart()
            $reading = $stream.ReadAsync($bytes, 0, $bytes.Length)
            $failure = Wait-KanadeTask -Task $reading -Clock $clock -TimeoutSec $TimeoutSec
            if ($null -ne $failure) { throw $failure }
            if ($reading.Result -eq 0) { break }
            $file.Write($bytes, 0, $reading.Result)
        }
        if ($file.Length -ne $Size) { throw "it has $($file.Length) bytes, not $Size." }
    } catch {
        throw (Get-KanadeErrorRecord -Code 'not_downloaded' -Category ReadError -TargetObject $Request.RequestUri -Message "The file could not be fetched from the backend: $($_.Exception.GetBaseException().Message)" -InnerException $_.Exception)
    } finally {
        if ($null -ne $file) { $file.Dispose() }
        # To close what has not come whole would wait for the rest.
        $Request.Abort()
        if ($null -ne $response) { $response.Dispose() }
    }
}

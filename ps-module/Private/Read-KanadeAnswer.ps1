# What the server has answered, whole, and the response closed. Failure says so when it breaks off, or when nothing comes for so
# long. In short steps, so that Ctrl-C is heard.
function Read-KanadeAnswer {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][System.Net.WebResponse] $Response,
        # Of the response.
        [Parameter(Mandatory = $true)][System.Net.WebRequest] $Request,
        [int] $TimeoutSec = 60
    )

    $whole = $false
    try {
        $memory = New-Object -TypeName System.IO.MemoryStream
        $stream = $Response.GetResponseStream()
        $bytes = New-Object -TypeName 'byte[]' -ArgumentList 65536
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        while ($true) {
            $clock.Restart()
            $reading = $stream.ReadAsync($bytes, 0, $bytes.Length)
            $failure = Wait-KanadeTask -Task $reading -Clock $clock -TimeoutSec $TimeoutSec
            if ($null -ne $failure) { return [pscustomobject] @{ Status = 0; Failure = $failure } }
            if ($reading.Result -eq 0) { break }
            $memory.Write($bytes, 0, $reading.Result)
        }
        $whole = $true
        $retryAfter = 0
        $null = [int]::TryParse([string] $Response.Headers['Retry-After'], [ref] $retryAfter)
        return [pscustomobject] @{
            Status     = [int] $Response.StatusCode
            MediaType  = ([string] $Response.ContentType).Split(';')[0].Trim().ToLowerInvariant()
            RetryAfter = $retryAfter
            Body       = $memory.ToArray()
            Failure    = $null
        }
    } catch {
        return [pscustomobject] @{ Status = 0; Failure = $_.Exception.GetBaseException() }
    } finally {
        # To close what has not come whole would wait for the rest.
        if (-not $whole) { $Request.Abort() }
        $Response.Dispose()
    }
}

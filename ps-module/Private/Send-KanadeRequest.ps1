# One exchange over HTTP. Whatever the server answers is an answer; when there is none, Failure says why and Status is 0.
# Nothing is thrown on the way, and what is awaited is looked at again and again: an exception that is caught here would still
# show in the -ErrorVariable of whoever called, and a call that blocks would not hear Ctrl-C.
# HttpWebRequest, because it is the one client that behaves alike in Windows PowerShell and in PowerShell 7: the others throw
# away the body of an error in 5.1, and decode text by rules of their own.
function Send-KanadeRequest {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][uri] $Uri,
        [Parameter(Mandatory = $true)][string] $Method,
        [Parameter(Mandatory = $true)][securestring] $Token,
        [System.Collections.IDictionary] $Headers = @{},
        [byte[]] $Body,
        [int] $TimeoutSec = 60
    )

    # Windows PowerShell on an older Windows would offer TLS 1.0 only. What is switched on besides stays so.
    if ($PSVersionTable.PSVersion.Major -lt 6) {
        [System.Net.ServicePointManager]::SecurityProtocol = [System.Net.ServicePointManager]::SecurityProtocol -bor [System.Net.SecurityProtocolType]::Tls12
    }
    $request = [System.Net.WebRequest]::Create($Uri)
    $request.Method = $Method
    $request.Accept = 'application/json, application/problem+json, text/plain;q=0.9, */*;q=0.1'
    $request.UserAgent = "Kanade-PowerShell/$($PSVersionTable.PSVersion)"
    # Reading what has begun to come; what is awaited below has a clock of its own.
    $request.ReadWriteTimeout = $TimeoutSec * 1000
    # The token is for this server only.
    $request.AllowAutoRedirect = $false
    $request.Headers['Authorization'] = 'Bearer ' + (New-Object -TypeName System.Net.NetworkCredential -ArgumentList '', $Token).Password
    foreach ($name in $Headers.Keys) { $request.Headers[$name] = $Headers[$name] }
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    if ($null -ne $Body) {
        $request.ContentType = 'application/json; charset=utf-8'
        $request.ContentLength = $Body.Length
        $opening = $request.GetRequestStreamAsync()
        $failure = Wait-KanadeTask -Task $opening -Clock $clock -TimeoutSec $TimeoutSec
        if ($null -ne $failure) {
            $request.Abort()
            return [pscustomobject] @{ Status = 0; Failure = $failure }
        }
        $stream = $opening.Result
        try {
            $stream.Write($Body, 0, $Body.Length)
        } catch {
            return [pscustomobject] @{ Status = 0; Failure = $_.Exception.GetBaseException() }
        } finally {
            $stream.Dispose()
        }
    }
    $answering = $request.GetResponseAsync()
    $failure = Wait-KanadeTask -Task $answering -Clock $clock -TimeoutSec $TimeoutSec
    if ($null -eq $failure) { $response = $answering.Result }
    # 4xx and 5xx.
    elseif ($failure -is [System.Net.WebException]) { $response = $failure.Response }
    else { $response = $null }
    if ($null -eq $response) {
        $request.Abort()
        return [pscustomobject] @{ Status = 0; Failure = $failure }
    }
    try {
        $memory = New-Object -TypeName System.IO.MemoryStream
        $stream = $response.GetResponseStream()
        try { $stream.CopyTo($memory) } finally { $stream.Dispose() }
        $retryAfter = 0
        $null = [int]::TryParse([string] $response.Headers['Retry-After'], [ref] $retryAfter)
        return [pscustomobject] @{
            Status     = [int] $response.StatusCode
            MediaType  = ([string] $response.ContentType).Split(';')[0].Trim().ToLowerInvariant()
            RetryAfter = $retryAfter
            Body       = $memory.ToArray()
            Failure    = $null
        }
    } catch {
        # It broke off.
        return [pscustomobject] @{ Status = 0; Failure = $_.Exception.GetBaseException() }
    } finally {
        $response.Dispose()
    }
}

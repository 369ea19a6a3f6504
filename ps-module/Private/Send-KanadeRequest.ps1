# One exchange over HTTP. Whatever the server answers is an answer; when there is none, Failure says why and Status is 0.
# Nothing is thrown on the way, and what is awaited is looked at again and again: an exception that is caught here would still
# show in the -ErrorVariable of whoever called, and a call that blocks would not hear Ctrl-C.
function Send-KanadeRequest {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][uri] $Uri,
        [Parameter(Mandatory = $true)][string] $Method,
        [Parameter(Mandatory = $true)][securestring] $Token,
        [string] $Ca,
        [System.Collections.IDictionary] $Headers = @{},
        [byte[]] $Body,
        # In place of Body.
        [string] $InFile,
        [string] $ContentType = 'application/json; charset=utf-8',
        # Default: JSON, or text where there is none.
        [string] $Accept,
        [int] $TimeoutSec = 60
    )

    $request = Get-KanadeWebRequest -Uri $Uri -Method $Method -Token $Token -Ca $Ca -Headers $Headers -TimeoutSec $TimeoutSec
    if ($Accept) { $request.Accept = "$Accept, application/problem+json" }
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    # .NET sends what has no body up to four times when the server closes the connection before it answers, and it may have been
    # done then. What has one, if only an empty one, is sent once.
    if ($null -eq $Body -and -not $InFile -and $Method -ne 'GET') { $Body = [byte[]] @() }
    if ($null -ne $Body) {
        if ($Body.Length -gt 0) { $request.ContentType = $ContentType }
        $request.ContentLength = $Body.Length
        $opening = $request.GetRequestStreamAsync()
        $failure = Wait-KanadeTask -Task $opening -Clock $clock -TimeoutSec $TimeoutSec
        if ($null -ne $failure) {
            $request.Abort()
            return [pscustomobject] @{ Status = 0; Failure = $failure }
        }
        $stream = $opening.Result
        $failure = Wait-KanadeTask -Task $stream.WriteAsync($Body, 0, $Body.Length) -Clock $clock -TimeoutSec $TimeoutSec
        if ($null -ne $failure) {
            $request.Abort()
            return [pscustomobject] @{ Status = 0; Failure = $failure }
        }
        try {
            $stream.Dispose()
        } catch {
            return [pscustomobject] @{ Status = 0; Failure = $_.Exception.GetBaseException() }
        }
    }
    $unsent = $null
    if ($InFile) {
        try {
            $file = New-Object -TypeName System.IO.FileStream -ArgumentList $InFile, ([System.IO.FileMode]::Open), ([System.IO.FileAccess]::Read), ([System.IO.FileShare]::Read)
        } catch {
            return [pscustomobject] @{ Status = 0; Failure = $_.Exception.GetBaseException() }
        }
        $request.ContentType = $ContentType
        $request.ContentLength = $file.Length
        $request.AllowWriteStreamBuffering = $false
        try {
            $unsent = Send-KanadeFile -File $file -Request $request -TimeoutSec $TimeoutSec
        } finally {
            $file.Dispose()
        }
        $clock.Restart()
    }
    try {
        # A server that has heard enough of a file may have said why.
        $answering = $request.GetResponseAsync()
    } catch {
        $request.Abort()
        return [pscustomobject] @{ Status = 0; Failure = @($unsent, $_.Exception.GetBaseException() | Where-Object -FilterScript { $null -ne $_ })[0] }
    }
    $failure = Wait-KanadeTask -Task $answering -Clock $clock -TimeoutSec $TimeoutSec
    if ($null -eq $failure) { return Read-KanadeAnswer -Response $answering.Result -Request $request -TimeoutSec $TimeoutSec }
    # 4xx and 5xx.
    if ($failure -is [System.Net.WebException] -and $null -ne $failure.Response) { return Read-KanadeAnswer -Response $failure.Response -Request $request -TimeoutSec $TimeoutSec }
    $request.Abort()
    if ($null -ne $unsent) { $failure = $unsent }
    return [pscustomobject] @{ Status = 0; Failure = $failure }
}

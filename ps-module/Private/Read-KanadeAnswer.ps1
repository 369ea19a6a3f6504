# What the server has answered, whole, and the response closed. Failure says so when it breaks off.
function Read-KanadeAnswer {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][System.Net.WebResponse] $Response)

    try {
        $memory = New-Object -TypeName System.IO.MemoryStream
        $stream = $Response.GetResponseStream()
        try { $stream.CopyTo($memory) } finally { $stream.Dispose() }
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
        $Response.Dispose()
    }
}

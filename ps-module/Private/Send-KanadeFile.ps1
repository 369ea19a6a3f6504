# Writes a file into the body of a request, never more of it in memory than goes over the line at once. Gives the exception that
# ended it, or nothing. In short steps, so that Ctrl-C is heard; nothing moves for TimeoutSec at the most.
function Send-KanadeFile {
    [CmdletBinding()]
    [OutputType([System.Exception])]
    param(
        [Parameter(Mandatory = $true)][System.IO.FileStream] $File,
        [Parameter(Mandatory = $true)][System.Net.WebRequest] $Request,
        [int] $TimeoutSec = 60
    )

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $opening = $Request.GetRequestStreamAsync()
    $failure = Wait-KanadeTask -Task $opening -Clock $clock -TimeoutSec $TimeoutSec
    if ($null -ne $failure) { return $failure }
    $bytes = New-Object -TypeName 'byte[]' -ArgumentList 262144
    try {
        while (($length = $File.Read($bytes, 0, $bytes.Length)) -gt 0) {
            $clock.Restart()
            $failure = Wait-KanadeTask -Task $opening.Result.WriteAsync($bytes, 0, $length) -Clock $clock -TimeoutSec $TimeoutSec
            if ($null -ne $failure) { return $failure }
        }
        $opening.Result.Dispose()
    } catch {
        return $_.Exception.GetBaseException()
    }
}

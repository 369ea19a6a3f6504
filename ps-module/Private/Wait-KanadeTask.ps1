# Waits until a task has ended, and gives the exception it ended with, or nothing. In short steps, so that Ctrl-C is heard.
function Wait-KanadeTask {
    [CmdletBinding()]
    [OutputType([System.Exception])]
    param(
        [Parameter(Mandatory = $true)][System.Threading.Tasks.Task] $Task,
        [Parameter(Mandatory = $true)][System.Diagnostics.Stopwatch] $Clock,
        [Parameter(Mandatory = $true)][double] $TimeoutSec
    )

    $handle = ([System.IAsyncResult] $Task).AsyncWaitHandle
    while (-not $handle.WaitOne(100)) {
        if ($Clock.Elapsed.TotalSeconds -ge $TimeoutSec) {
            return New-Object -TypeName System.Net.WebException -ArgumentList 'There was no answer in time.', ([System.Net.WebExceptionStatus]::Timeout)
        }
    }
    if ($Task.IsFaulted) { return $Task.Exception.GetBaseException() }
    if ($Task.IsCanceled) { return New-Object -TypeName System.Net.WebException -ArgumentList 'The request was ended.' }
}

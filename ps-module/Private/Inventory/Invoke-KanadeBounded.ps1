# Runs a script in a runspace of its own and gives what it gives, or throws what it throws. One that does not end in time is left
# behind with its runspace: a provider that hangs cannot be stopped, only waited for, and nobody here waits.
function Invoke-KanadeBounded {
    [CmdletBinding()]
    param(
        # Knows nothing of the module and of what stands around it.
        [Parameter(Mandatory = $true)][scriptblock] $ScriptBlock,
        [System.Collections.IDictionary] $Parameter = @{},
        [Parameter(Mandatory = $true)][double] $TimeoutSec
    )

    if ($null -eq $script:KanadeReader) {
        $script:KanadeReader = [runspacefactory]::CreateRunspace([initialsessionstate]::CreateDefault2())
        $script:KanadeReader.ThreadOptions = [System.Management.Automation.Runspaces.PSThreadOptions]::ReuseThread
        $script:KanadeReader.Open()
    }
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    $shell = [powershell]::Create()
    $shell.Runspace = $script:KanadeReader
    # A thread that hangs would keep the process from ending.
    $null = $shell.AddScript('[System.Threading.Thread]::CurrentThread.IsBackground = $true; $ErrorActionPreference = ''Stop''; $ProgressPreference = ''SilentlyContinue''; Set-StrictMode -Version Latest')
    $null = $shell.AddStatement().AddScript($ScriptBlock.ToString()).AddParameters($Parameter)
    $running = $shell.BeginInvoke()
    # In short steps, so that Ctrl-C is heard.
    while (-not $running.AsyncWaitHandle.WaitOne(100)) {
        if ($clock.Elapsed.TotalSeconds -lt $TimeoutSec) { continue }
        $script:KanadeReader = $null
        $null = $shell.BeginStop($null, $null)
        $message = 'There was no answer within {0:0.#} s; it is left behind.' -f $TimeoutSec
        throw (New-Object -TypeName System.TimeoutException -ArgumentList $message)
    }
    try {
        $shell.EndInvoke($running)
    } catch {
        # The error itself, out of what invoking wraps around it.
        for ($exception = $_.Exception; $null -ne $exception; $exception = $exception.InnerException) {
            if ($exception -is [System.Management.Automation.IContainsErrorRecord] -and $exception -isnot [System.Management.Automation.MethodInvocationException]) { throw $exception.ErrorRecord }
        }
        throw
    } finally {
        $shell.Dispose()
    }
}

# Runs a script in a runspace of its own and gives what it gives, or the ErrorRecord it ends with: what is caught here would still
# show in the -ErrorVariable of whoever has asked for the inventory, so it is caught there.
# A script that does not end in time is told to stop and left behind with its runspace: what hangs in a provider or in COM does not
# hear it, and nobody here waits for it.
function Invoke-KanadeBounded {
    [CmdletBinding()]
    param(
        # Knows nothing of the module and of what stands around it.
        [Parameter(Mandatory = $true)][scriptblock] $ScriptBlock,
        [System.Collections.IDictionary] $Parameter = @{},
        [Parameter(Mandatory = $true)][double] $TimeoutSec
    )

    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    if ($null -eq $script:KanadeReader) {
        $script:KanadeReader = [runspacefactory]::CreateRunspace([initialsessionstate]::CreateDefault2())
        # One thread for all: the first connection to CIM costs the most.
        $script:KanadeReader.ThreadOptions = [System.Management.Automation.Runspaces.PSThreadOptions]::ReuseThread
        $script:KanadeReader.Open()
        $setup = [powershell]::Create()
        $setup.Runspace = $script:KanadeReader
        # In the background, so that a thread that hangs does not keep the process.
        $null = $setup.AddScript('[System.Threading.Thread]::CurrentThread.IsBackground = $true; $ErrorActionPreference = ''Stop''; $ProgressPreference = ''SilentlyContinue''')
        $null = $setup.EndInvoke($setup.BeginInvoke())
        $setup.Dispose()
    }
    $shell = [powershell]::Create()
    $shell.Runspace = $script:KanadeReader
    # In one piece: with AddStatement a runspace of one thread waits for itself.
    $null = $shell.AddScript('param($Script, $Parameter) try { & ([scriptblock]::Create($Script)) @Parameter } catch { $_ }').AddArgument($ScriptBlock.ToString()).AddArgument($Parameter)
    $running = $shell.BeginInvoke()
    # In short steps, so that Ctrl-C is heard.
    $ended = $false
    try {
        do {
            $left = $TimeoutSec - $clock.Elapsed.TotalSeconds
            $ended = $running.AsyncWaitHandle.WaitOne([int] [Math]::Max(0, [Math]::Min(100, $left * 1000)))
        } until ($ended -or $left -le 0)
    } finally {
        if (-not $ended) {
            $script:KanadeReader = $null
            $null = $shell.BeginStop($null, $null)
        }
    }
    if (-not $ended) {
        $late = New-Object -TypeName System.TimeoutException -ArgumentList ('There was no answer within {0:0.#} s, and it is left behind.' -f $TimeoutSec)
        return New-Object -TypeName System.Management.Automation.ErrorRecord -ArgumentList $late, 'TimedOut', 'OperationTimeout', $null
    }
    $shell.EndInvoke($running)
    $shell.Dispose()
}

# Copies a file to all targets at once, through their sessions: so it needs no right of its own on any share. A target has a Session, or
# none when it is this PC, and a File, to which it is copied. Gives those to which it could not be, with why.
function Copy-KanadeFileToTarget {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][string] $LiteralPath,
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][psobject[]] $Target
    )

    $copies = [System.Collections.Generic.List[object]]::new()
    try {
        foreach ($one in $Target) {
            $parameters = @{ LiteralPath = $LiteralPath; Destination = $one.File; ErrorAction = 'Stop' }
            if ($null -ne $one.Session) { $parameters.ToSession = $one.Session }
            # Each in a runspace of its own: Copy-Item takes one session.
            $shell = [powershell]::Create()
            $null = $shell.AddCommand('Copy-Item').AddParameters($parameters)
            $copies.Add([pscustomobject] @{ Target = $one; Shell = $shell; Running = $shell.BeginInvoke() })
        }
        foreach ($copy in $copies) {
            # In short steps, so that Ctrl-C is heard.
            while (-not $copy.Running.AsyncWaitHandle.WaitOne(100)) { }
            try {
                $null = $copy.Shell.EndInvoke($copy.Running)
            } catch {
                [pscustomobject] @{ Target = $copy.Target; Failure = $_.Exception.GetBaseException().Message }
            }
        }
    } finally {
        foreach ($copy in $copies) { $copy.Shell.Dispose() }
    }
}

# Does something with targets of Resolve-KanadeInstallTarget, so many at once: with those that have a session, or need none. To the others
# it says why not. What it opened it closes, also after Ctrl-C.
function Invoke-KanadeTargetBatch {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][psobject[]] $Target,
        # For New-PSSession.
        [Parameter(Mandatory = $true)][hashtable] $Remoting,
        [Parameter(Mandatory = $true)][int] $ThrottleLimit,
        # Is given the targets, and sees $Cmdlet.
        [Parameter(Mandatory = $true)][scriptblock] $Process
    )

    for ($from = 0; $from -lt $Target.Count; $from += $ThrottleLimit) {
        $batch = @($Target[$from..([Math]::Min($from + $ThrottleLimit, $Target.Count) - 1)])
        $closed = @($batch | Where-Object -FilterScript { $_.Open })
        try {
            if ($closed.Count -gt 0) {
                foreach ($opened in Open-KanadeSession -ComputerName $closed.Name -Remoting $Remoting) {
                    ($closed | Where-Object -FilterScript { $_.Name -eq $opened.Name }).Session = $opened.Session
                    if ($null -eq $opened.Session) { Write-KanadeInstallError -Cmdlet $Cmdlet -ComputerName $opened.Name -Fault 'remoting_failed' -Detail $opened.Failure }
                }
            }
            $ready = @($batch | Where-Object -FilterScript { -not $_.Open -or $null -ne $_.Session })
            if ($ready.Count -gt 0) { & $Process $ready }
        } finally {
            $closed | Where-Object -FilterScript { $null -ne $_.Session } | ForEach-Object -Process { Remove-PSSession -Session $_.Session }
        }
    }
}

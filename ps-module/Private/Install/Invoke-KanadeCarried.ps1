# Runs a function of the module where the targets are, on all of them at once: here for the one without a session, else by what
# Get-KanadeCarriedScript makes of it. Each target with its Value, or with what went wrong in Failure, an ErrorRecord. A target has a
# Name, a Session and an Argument.
function Invoke-KanadeCarried {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][string] $Name,
        [string[]] $With = @(),
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][psobject[]] $Target
    )

    $script = Get-KanadeCarriedScript -Name $Name -With $With
    $jobs = [object[]]::new($Target.Count)
    try {
        for ($i = 0; $i -lt $Target.Count; $i++) {
            $one = $Target[$i]
            if ($null -ne $one.Session) { $jobs[$i] = Invoke-Command -Session $one.Session -ScriptBlock $script -ArgumentList $one.Argument -AsJob }
        }
        for ($i = 0; $i -lt $Target.Count; $i++) {
            $one = $Target[$i]
            $answer = [pscustomobject] @{ Target = $one; Value = $null; Failure = $null }
            $arguments = $one.Argument
            if ($null -eq $one.Session) {
                try {
                    $answer.Value = & $Name @arguments
                } catch {
                    $answer.Failure = $_
                }
            } else {
                # Not by Receive-Job: what it says would show in the -ErrorVariable of whoever called.
                $null = Wait-Job -Job $jobs[$i]
                $ended = $jobs[$i].ChildJobs[0]
                if ($null -ne $ended.JobStateInfo.Reason) {
                    $answer.Failure = New-Object -TypeName System.Management.Automation.ErrorRecord -ArgumentList $ended.JobStateInfo.Reason, 'Kanade.remoting_failed', ConnectionError, $one.Name
                } elseif ($ended.Error.Count -gt 0) { $answer.Failure = $ended.Error[0] }
                elseif ($ended.Output.Count -gt 0) { $answer.Value = $ended.Output[0].PSObject.BaseObject }
            }
            if ($null -eq $answer.Value -and $null -eq $answer.Failure) {
                $answer.Failure = Get-KanadeErrorRecord -Code 'remoting_failed' -Category ConnectionError -TargetObject $one.Name -Message 'The session has ended before there was an answer.'
            }
            $answer
        }
    } finally {
        $jobs | Where-Object -FilterScript { $null -ne $_ } | Remove-Job -Force
    }
}

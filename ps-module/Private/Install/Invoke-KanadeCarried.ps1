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
            try {
                if ($null -eq $one.Session) { $answer.Value = & $Name @arguments }
                else { $answer.Value = $jobs[$i] | Wait-Job | Receive-Job -ErrorAction Stop }
                if ($null -eq $answer.Value) { throw 'The session has ended before there was an answer.' }
            } catch {
                $answer.Failure = $_
            }
            $answer
        }
    } finally {
        $jobs | Where-Object -FilterScript { $null -ne $_ } | Remove-Job -Force
    }
}

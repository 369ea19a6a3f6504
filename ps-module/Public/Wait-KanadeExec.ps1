function Wait-KanadeExec {
    <#
    .SYNOPSIS
        Waits until executions have ended on every PC that is online.
    .DESCRIPTION
        Gives each execution when it has ended on all its PCs that are online; Queued counts those that are off and run it when they
        are back. With -IncludeOffline it waits for these as well, until they have run it or it has expired for them. Several are
        waited for together. Ctrl-C ends the waiting and nothing else.
    .PARAMETER ExecId
        The executions, also from the pipeline.
    .PARAMETER Timeout
        Waits no longer than this: text such as 90s, 5m or 2h, a number of seconds, or a time span. An execution that has not ended by
        then is the error Kanade.wait_timed_out.
    .PARAMETER IncludeOffline
        Waits for PCs that are off, too.
    .EXAMPLE
        $exec | Wait-KanadeExec -Timeout 10m | Receive-KanadeExec

        Waits for what was started before, and gives what the PCs said.
    .EXAMPLE
        Get-KanadeExec -State running | Wait-KanadeExec

        Waits for everything that runs anywhere.
    .INPUTS
        System.String, or any object with an ExecId, such as a Kanade.Execution.
    .OUTPUTS
        Kanade.Execution
    #>
    [CmdletBinding()]
    [OutputType('Kanade.Execution')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'exec_id')]
        [string[]] $ExecId,

        [ValidateNotNull()]
        [object] $Timeout,

        [switch] $IncludeOffline
    )

    begin {
        $ids = New-Object -TypeName System.Collections.Specialized.OrderedDictionary
        $seconds = [double]::PositiveInfinity
        try {
            if ($PSBoundParameters.ContainsKey('Timeout')) {
                $seconds = ConvertFrom-KanadeDuration -Duration (ConvertTo-KanadeDuration -Value $Timeout -Name 'Timeout')
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }

    process {
        foreach ($id in $ExecId) { $ids[$id] = $true }
    }

    end {
        # Nothing came down the pipeline: there was nothing to run again, say.
        if ($ids.Count -eq 0) { return }
        try {
            Wait-KanadeExecution -ExecId @($ids.Keys) -TimeoutSec $seconds -IncludeOffline:$IncludeOffline -Cmdlet $PSCmdlet
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

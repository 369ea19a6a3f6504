# What a command that has submitted something gives: the execution or the rollout, its results once there are some, or a job that waits for these.
function Get-KanadeSubmitted {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        # As the API has answered.
        [Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject,
        # Of whoever has submitted it: -Wave, -Wait, -WaitTimeout and -AsJob count.
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][double] $TimeoutSec
    )

    process {
        $bound = $Cmdlet.MyInvocation.BoundParameters
        $waves = $bound.ContainsKey('Wave')
        $waiter = @{ Command = 'Wait-KanadeResult'; With = @{ ExecId = $InputObject.exec_id; TimeoutSec = $TimeoutSec }; Name = "Kanade $($InputObject.exec_id)" }
        if ($waves) { $waiter = @{ Command = 'Wait-KanadeRolloutResult'; With = @{ RolloutId = $InputObject.rollout_id; TimeoutSec = $TimeoutSec }; Name = "Kanade $($InputObject.rollout_id)" } }
        if ($bound['AsJob']) {
            $waiting = Start-KanadeWaitJob @waiter
            # So that it goes down the pipeline into Stop-KanadeExec and its like.
            if ($waves) { $waiting | Add-Member -NotePropertyName RolloutId -NotePropertyValue $InputObject.rollout_id -PassThru }
            else { $waiting | Add-Member -NotePropertyName ExecId -NotePropertyValue $InputObject.exec_id -PassThru }
        } elseif ($bound['Wait'] -or $bound.ContainsKey('WaitTimeout')) {
            $with = $waiter.With
            if ($waves) { Wait-KanadeRolloutResult @with -Cmdlet $Cmdlet } else { Wait-KanadeResult @with }
        } elseif ($waves) {
            Invoke-KanadeRestMethod -Path "/rollouts/$($InputObject.rollout_id)" | ConvertTo-KanadeRollout
        } else {
            Invoke-KanadeRestMethod -Path "/executions/$($InputObject.exec_id)" | ConvertTo-KanadeExecution
        }
    }
}

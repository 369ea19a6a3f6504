function Get-KanadeRollout {
    <#
    .SYNOPSIS
        Gets rollouts: what goes out in waves, and how each wave does.
    .DESCRIPTION
        Without an id it lists the rollouts of the last 90 days, newest first. With ids it gives these; an id that is not known is an
        error of its own, and the others are given. Waves holds one object per wave, History what happened to it and who did it, Next
        what it waits for or why it stands still.
    .PARAMETER RolloutId
        The rollouts, also from the pipeline.
    .PARAMETER Status
        Only rollouts with one of these.
    .PARAMETER First
        The newest so many. Default: 50.
    .EXAMPLE
        Get-KanadeRollout -Status running, halted

        What is on its way, and what waits for a decision.
    .EXAMPLE
        (Get-KanadeRollout -RolloutId 5f2c9c0e).Waves

        How each of its waves does.
    .EXAMPLE
        Get-KanadeRollout -RolloutId 5f2c9c0e | Receive-KanadeExec -State failed

        What the PCs said on which it has failed.
    .INPUTS
        System.String, or any object with a RolloutId, such as a Kanade.Rollout or a Kanade.Execution.
    .OUTPUTS
        Kanade.Rollout
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    [OutputType('Kanade.Rollout')]
    param(
        [Parameter(ParameterSetName = 'Id', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'rollout_id')]
        [string[]] $RolloutId,

        [Parameter(ParameterSetName = 'List')]
        [ValidateSet('running', 'paused', 'halted', 'aborted', 'completed', 'unreadable')]
        [string[]] $Status,

        [Parameter(ParameterSetName = 'List')]
        [ValidateRange(1, 2147483647)]
        [int] $First = 50
    )

    process {
        try {
            if ($PSCmdlet.ParameterSetName -eq 'List') {
                $query = @{}
                if ($Status) { $query.status = $Status -join ',' }
                foreach ($row in Invoke-KanadeRestMethod -Path '/rollouts' -Query $query -All -First $First) {
                    $rollout = $row
                    if ($row.status -ne 'unreadable') {
                        $rollout = Invoke-KanadeRestMethod -Path "/rollouts/$($row.rollout_id)" -PassError
                        # It was forgotten or damaged a moment ago.
                        if ($rollout -is [System.Management.Automation.ErrorRecord]) {
                            Write-KanadeError -Cmdlet $PSCmdlet -Record $rollout -TargetObject $row.rollout_id -Missing "There is no rollout '$($row.rollout_id)'."
                            continue
                        }
                    }
                    ConvertTo-KanadeRollout -InputObject $rollout
                }
                return
            }
            foreach ($id in $RolloutId) {
                $rollout = Invoke-KanadeRestMethod -Path ('/rollouts/' + [uri]::EscapeDataString($id)) -PassError
                if ($rollout -is [System.Management.Automation.ErrorRecord]) { Write-KanadeError -Cmdlet $PSCmdlet -Record $rollout -TargetObject $id -Missing "There is no rollout '$id'." }
                else { ConvertTo-KanadeRollout -InputObject $rollout }
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

function Step-KanadeRollout {
    <#
    .SYNOPSIS
        Starts the next wave of rollouts without waiting any longer.
    .DESCRIPTION
        Neither the soak nor PCs that still run are waited for. The limit of failures holds all the same. One that does not run, or whose
        last wave has started, is the error Kanade.rollout_state.
    .PARAMETER RolloutId
        The rollouts, also from the pipeline.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks before it does it.
    .EXAMPLE
        Step-KanadeRollout -RolloutId 5f2c9c0e

        Sends the next wave now.
    .INPUTS
        System.String, or any object with a RolloutId, such as a Kanade.Rollout.
    .OUTPUTS
        Kanade.Rollout
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType('Kanade.Rollout')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'rollout_id')]
        [string[]] $RolloutId
    )

    process {
        try {
            foreach ($id in $RolloutId) {
                if (-not $PSCmdlet.ShouldProcess("rollout $id", 'Start the next wave')) { continue }
                Send-KanadeRolloutChange -RolloutId $id -Change advance -Cmdlet $PSCmdlet
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

function Resume-KanadeRollout {
    <#
    .SYNOPSIS
        Lets rollouts go on that are paused or have halted.
    .DESCRIPTION
        Of one that has halted the failures until now are accepted, and later waves are judged anew. One that runs already stays so; one
        that is over is the error Kanade.rollout_state.
    .PARAMETER RolloutId
        The rollouts, also from the pipeline.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks before it does it.
    .EXAMPLE
        Get-KanadeRollout -Status halted | Resume-KanadeRollout -Confirm

        Asks for each that has halted whether it is to go on.
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
                if (-not $PSCmdlet.ShouldProcess("rollout $id", 'Resume')) { continue }
                Send-KanadeRolloutChange -RolloutId $id -Change resume -Cmdlet $PSCmdlet
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

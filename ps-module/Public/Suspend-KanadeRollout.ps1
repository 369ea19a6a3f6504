function Suspend-KanadeRollout {
    <#
    .SYNOPSIS
        Pauses rollouts: no further wave starts until they are resumed.
    .DESCRIPTION
        What was sent already goes on. Resume-KanadeRollout lets it go on, Stop-KanadeRollout ends it. One that is paused already stays so;
        one that is over is the error Kanade.rollout_state.
    .PARAMETER RolloutId
        The rollouts, also from the pipeline.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks before it does it.
    .EXAMPLE
        Get-KanadeRollout -Status running | Suspend-KanadeRollout

        Pauses everything that goes out in waves.
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
                if (-not $PSCmdlet.ShouldProcess("rollout $id", 'Pause')) { continue }
                Send-KanadeRolloutChange -RolloutId $id -Change pause -Cmdlet $PSCmdlet
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

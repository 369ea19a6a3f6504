function Stop-KanadeRollout {
    <#
    .SYNOPSIS
        Ends rollouts for good: no further wave starts.
    .DESCRIPTION
        What runs goes on, and PCs that are off run what was sent to them when they are back, unless -CancelQueued is said. It cannot be
        taken back; Suspend-KanadeRollout only pauses.
    .PARAMETER RolloutId
        The rollouts, also from the pipeline.
    .PARAMETER CancelQueued
        Also cancels what PCs have not started yet; -CancelQueued:$false leaves that. Default: what the rollout says of a halt, which is to leave it.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks for each; that is the default. -Confirm:$false does not ask.
    .EXAMPLE
        Stop-KanadeRollout -RolloutId 5f2c9c0e -CancelQueued

        Asks, ends it, and cancels what PCs have not started.
    .INPUTS
        System.String, or any object with a RolloutId, such as a Kanade.Rollout.
    .OUTPUTS
        Kanade.Rollout
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('Kanade.Rollout')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'rollout_id')]
        [string[]] $RolloutId,

        [switch] $CancelQueued
    )

    process {
        $body = @{}
        if ($PSBoundParameters.ContainsKey('CancelQueued')) { $body.cancel_queued = $CancelQueued.IsPresent }
        try {
            foreach ($id in $RolloutId) {
                Assert-KanadePrompt -Cmdlet $PSCmdlet -Target "rollout $id" -Action 'Abort'
                if (-not $PSCmdlet.ShouldProcess("rollout $id", 'Abort')) { continue }
                Send-KanadeRolloutChange -RolloutId $id -Change abort -Body $body -Cmdlet $PSCmdlet
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

function Set-KanadeFreeze {
    <#
    .SYNOPSIS
        Freezes all schedules of the fleet until Remove-KanadeFreeze.
    .DESCRIPTION
        No schedule fires, and what schedules have sent and no PC has started is not started. What runs goes on, and so do people. What was
        due meanwhile is not made up for. A freeze that is there already gets the new reason.
    .PARAMETER Reason
        Why, for whoever wonders.
    .PARAMETER PassThru
        Gives the freeze.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks first; that is the default. -Confirm:$false does not ask.
    .EXAMPLE
        Set-KanadeFreeze -Reason 'year end'

        Stops all schedules.
    .EXAMPLE
        Set-KanadeFreeze -Reason 'CHG0031337' -PassThru

        Stops all schedules and shows since when.
    .INPUTS
        None
    .OUTPUTS
        Kanade.Freeze with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('Kanade.Freeze')]
    param(
        [Parameter(Position = 0)]
        [string] $Reason,

        [switch] $PassThru
    )

    Assert-KanadePrompt -Cmdlet $PSCmdlet -Target 'all schedules' -Action 'Freeze'
    if (-not $PSCmdlet.ShouldProcess('all schedules', 'Freeze')) { return }
    $body = @{}
    if ($Reason) { $body.reason = $Reason }
    try {
        $freeze = Invoke-KanadeRestMethod -Method PUT -Path '/freeze' -Body $body
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
    if ($PassThru) { ConvertTo-KanadeFreeze -InputObject $freeze }
}

function Remove-KanadeFreeze {
    <#
    .SYNOPSIS
        Ends the freeze: schedules fire again.
    .DESCRIPTION
        What was due meanwhile is not made up for. Without a freeze it does nothing.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks first.
    .EXAMPLE
        Remove-KanadeFreeze

        Lets schedules fire again.
    .EXAMPLE
        Remove-KanadeFreeze -WhatIf

        Only says so.
    .INPUTS
        None
    .OUTPUTS
        None
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType([void])]
    param()

    if (-not $PSCmdlet.ShouldProcess('all schedules', 'End the freeze')) { return }
    try {
        Invoke-KanadeRestMethod -Method DELETE -Path '/freeze'
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}

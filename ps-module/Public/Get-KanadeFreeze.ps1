function Get-KanadeFreeze {
    <#
    .SYNOPSIS
        Tells whether schedules are frozen, since when, by whom and why.
    .DESCRIPTION
        While they are frozen no schedule fires, and what schedules have sent and no PC has started is not started. People go on as always.
        A freeze that cannot be read (Corrupt) is one: set it again, or remove it.
    .EXAMPLE
        Get-KanadeFreeze

        Tells whether there is a freeze.
    .EXAMPLE
        if (-not (Get-KanadeFreeze).Frozen) { Start-KanadeSchedule -ScheduleId disk-cleanup }

        Runs a schedule out of turn unless there is a freeze.
    .INPUTS
        None
    .OUTPUTS
        Kanade.Freeze
    #>
    [CmdletBinding()]
    [OutputType('Kanade.Freeze')]
    param()

    try {
        $freeze = Invoke-KanadeRestMethod -Path '/freeze'
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
    ConvertTo-KanadeFreeze -InputObject $freeze
}

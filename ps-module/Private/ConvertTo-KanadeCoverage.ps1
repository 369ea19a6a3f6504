function ConvertTo-KanadeCoverage {
    [CmdletBinding()]
    [OutputType('Kanade.Coverage')]
    param(
        [Parameter(Mandatory = $true)][string] $ScheduleId,
        [Parameter(Mandatory = $true)][psobject] $InputObject
    )

    [pscustomobject] @{
        PSTypeName   = 'Kanade.Coverage'
        ScheduleId   = $ScheduleId
        ComputerName = $InputObject.pc_id
        State        = $InputObject.state
        Reason       = $InputObject.reason
        LastSuccess  = ConvertFrom-KanadeInstant -Value $InputObject.last_success
        LastExecId   = $InputObject.last_exec_id
        Failures     = $InputObject.failures
    }
}

function Get-KanadeScheduleCoverage {
    <#
    .SYNOPSIS
        Tells which PCs have what schedules want, and which have not, and why.
    .DESCRIPTION
        Gives one object for each PC that a schedule means: satisfied (it has it), due (it is its turn), running, failing (it has come to
        nothing), unreachable (it is off) or excluded (it cannot have it), with the reason where that is not plain. They go down the
        pipeline into Invoke-KanadeExec and the other commands that take PCs.
    .PARAMETER ScheduleId
        The schedules, also from the pipeline.
    .PARAMETER State
        Only PCs in one of these states.
    .EXAMPLE
        Get-KanadeScheduleCoverage -ScheduleId disk-cleanup | Group-Object -Property State -NoElement

        How many PCs are how far.
    .EXAMPLE
        Get-KanadeScheduleCoverage -ScheduleId disk-cleanup -State failing | Invoke-KanadeExec -ScriptBlock { Get-Volume -DriveLetter C } -Wait

        Looks at the PCs on which it fails.
    .INPUTS
        System.String, or any object with a ScheduleId.
    .OUTPUTS
        Kanade.Coverage
    #>
    [CmdletBinding()]
    [OutputType('Kanade.Coverage')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'schedule_id')]
        [string[]] $ScheduleId,

        [ValidateSet('satisfied', 'due', 'running', 'failing', 'unreachable', 'excluded')]
        [string[]] $State
    )

    process {
        foreach ($id in $ScheduleId) {
            $query = @{}
            # The backend filters by one.
            if ($null -ne $State -and $State.Count -eq 1) { $query.state = $State[0].ToLowerInvariant() }
            $listed = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "There is no schedule '$id'." -Call @{ Path = "/schedules/$([uri]::EscapeDataString($id))/coverage"; Query = $query; All = $true }
            if (-not $listed.Ok) { continue }
            foreach ($row in $listed.Value) {
                if ($null -eq $State -or $row.state -in $State) { ConvertTo-KanadeCoverage -ScheduleId $id -InputObject $row }
            }
        }
    }
}

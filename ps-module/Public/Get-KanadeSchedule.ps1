function Get-KanadeSchedule {
    <#
    .SYNOPSIS
        Gets the schedules of the backend, as objects or as YAML.
    .DESCRIPTION
        Gives each schedule with all it says, when it is due next, and why it fires nothing although it is enabled (Error). What was
        changed of it can be piped into Set-KanadeSchedule. Ids that are not known are errors of their own, and the others are given.
    .PARAMETER ScheduleId
        The schedules, also from the pipeline. Wildcards are allowed. Default: all.
    .PARAMETER AsYaml
        Gives the text of each: the YAML it was written in, or that of what was not. A file of several, with --- between them, is one that
        Set-KanadeSchedule reads.
    .EXAMPLE
        Get-KanadeSchedule | Sort-Object -Property NextAt

        The schedules, those that are due next first.
    .EXAMPLE
        Get-KanadeSchedule | Where-Object -Property Error

        Those that fire nothing although they are enabled.
    .EXAMPLE
        Get-KanadeSchedule -ScheduleId disk-cleanup -AsYaml

        A schedule as it was written, with its comments.
    .INPUTS
        System.String, or any object with a ScheduleId.
    .OUTPUTS
        Kanade.Schedule, or System.String with -AsYaml.
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    [OutputType('Kanade.Schedule', [string])]
    param(
        [Parameter(ParameterSetName = 'Id', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'schedule_id')]
        [string[]] $ScheduleId,

        [switch] $AsYaml
    )

    begin {
        $given = 0
    }

    process {
        Get-KanadeStoredDocument -Cmdlet $PSCmdlet -Kind schedule -Id $ScheduleId -AsYaml:$AsYaml | ForEach-Object -Process {
            if ($AsYaml) { Join-KanadeYaml -Text $_ -Given ([ref] $given) } else { ConvertTo-KanadeSchedule -InputObject $_ }
        }
    }
}

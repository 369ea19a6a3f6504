function Set-KanadeSchedule {
    <#
    .SYNOPSIS
        Makes or changes schedules from files of YAML or JSON, or from objects.
    .DESCRIPTION
        Each document is checked first, and stored unless it is there already as it is. -WhatIf, -Confirm and -Verbose show what it
        would change. One with faults is an error that names the file and each place, and the others are stored. What somebody else
        changes at the same moment is never overwritten: that is the error Kanade.precondition_failed, also when an object is older
        than what is stored.
        Files of YAML are kept as they are written, with their comments; an object is kept as JSON. A document that does not say
        enabled: false enables its schedule.
    .PARAMETER Path
        Files of YAML or JSON, with wildcards. Of a folder all its .yaml, .yml and .json files, not those of the folders in it. A file of
        YAML may hold several documents, with --- between them.
    .PARAMETER LiteralPath
        The same, each name taken as it is.
    .PARAMETER InputObject
        A file such as those of Get-ChildItem, a path, the text of a document, a hashtable, or an object such as those of Get-KanadeSchedule.
        Names are those of the API or as PowerShell shows them: starting_deadline or StartingDeadline.
    .PARAMETER PassThru
        Gives each schedule as it is now, also one that was so already.
    .PARAMETER WhatIf
        Shows what would change, and changes nothing.
    .PARAMETER Confirm
        Shows what would change, and asks.
    .EXAMPLE
        Set-KanadeSchedule -Path .\schedules\*.yaml -WhatIf

        Shows what files would change.
    .EXAMPLE
        $schedule = Get-KanadeSchedule -ScheduleId disk-cleanup
        $schedule.StartingDeadline = '8h'
        $schedule | Set-KanadeSchedule

        Changes a schedule.
    .EXAMPLE
        @{ id = 'inventory'; job_id = 'inventory'; target = @{ all = $true }; when = @{ per_pc = @{ every = '6h' } } } | Set-KanadeSchedule -PassThru

        Makes a schedule from a hashtable.
    .INPUTS
        System.IO.FileInfo, System.String, System.Collections.IDictionary, Kanade.Schedule, Kanade.DocumentCheck or any object that says what a schedule says.
    .OUTPUTS
        Kanade.Schedule with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, DefaultParameterSetName = 'Path')]
    [OutputType('Kanade.Schedule')]
    param(
        [Parameter(ParameterSetName = 'Path', Mandatory = $true, Position = 0)]
        [string[]] $Path,

        [Parameter(ParameterSetName = 'LiteralPath', Mandatory = $true)]
        [Alias('PSPath')]
        [string[]] $LiteralPath,

        [Parameter(ParameterSetName = 'InputObject', Mandatory = $true, ValueFromPipeline = $true)]
        [object] $InputObject,

        [switch] $PassThru
    )

    process {
        foreach ($check in Get-KanadeDocument -Cmdlet $PSCmdlet -Kind schedule -From @{ Path = $Path; LiteralPath = $LiteralPath; InputObject = $InputObject }) {
            $id = $check.Answer.id
            if (-not $check.Answer.changed) {
                Write-Verbose -Message "The schedule $id is so already."
            } else {
                $what = Format-KanadeDifference -Kind schedule -Check $check
                if (-not $PSCmdlet.ShouldProcess($what, $what, 'Confirm')) { continue }
                if (-not (Publish-KanadeDocument -Cmdlet $PSCmdlet -Kind schedule -Check $check)) { continue }
            }
            if ($PassThru) { Get-KanadeSchedule -ScheduleId $id }
        }
    }
}

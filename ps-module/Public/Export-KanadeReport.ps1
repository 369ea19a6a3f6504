function Export-KanadeReport {
    <#
    .SYNOPSIS
        Writes a report of the fleet, or of what comes down the pipeline, as HTML, CSV or JSON.
    .DESCRIPTION
        Without input it reports on the fleet: with -Section the rows of these sections of all PCs, else an overview of which PCs there
        are, their systems and agents, how old their inventory is, which wait for a restart, are short of space, or could not be read
        in part. PCs that have not said so are counted as unknown. With input it writes those objects: PCs, results, rows of inventory and any other.

        HTML is one file that loads nothing, can be sorted by a click on a column, and prints well. CSV is UTF-8 with a byte order mark,
        as Excel wants it, and what a spreadsheet would take for a formula is made text by a quote before it. JSON is UTF-8; times in it
        are UTC, and in the others of this PC's zone. The file appears whole or not at all.
    .PARAMETER Path
        The file. Its extension says the format: .html, .htm, .csv or .json.
    .PARAMETER Format
        The format, whatever the extension: Html, Csv or Json.
    .PARAMETER Title
        The headline of HTML.
    .PARAMETER InputObject
        The objects, from the pipeline.
    .PARAMETER Property
        Only these properties of the objects, in this order. Default: all; of a table those that its first object has.
    .PARAMETER Section
        The rows of these sections of every PC, in place of the overview. CSV takes one.
    .PARAMETER Group
        Only PCs of this group.
    .PARAMETER Delimiter
        What is between the fields of CSV. Default: a comma. Excel in many languages of Europe wants a semicolon.
    .PARAMETER Force
        Replaces a file that is there.
    .PARAMETER PassThru
        Gives the file.
    .PARAMETER WhatIf
        Says what would be written, and writes nothing.
    .PARAMETER Confirm
        Asks before it writes.
    .EXAMPLE
        Export-KanadeReport -Path fleet.html

        Writes an overview of the fleet.
    .EXAMPLE
        Export-KanadeReport -Path software.csv -Section software -Group Lab

        Writes what is installed on the PCs of the group Lab.
    .EXAMPLE
        Find-KanadeInventory software 'Name=*Zoom*' | Export-KanadeReport -Path zoom.html -Title 'Who has Zoom' -Force

        Writes what was found, over an older report.
    .EXAMPLE
        'PC1', 'PC2' | Invoke-KanadeExec -ScriptBlock { Get-Date } -Wait | Export-KanadeReport -Path result.csv -Property ComputerName, State, Stdout

        Writes what each PC has answered.
    .INPUTS
        Any object.
    .OUTPUTS
        None, or System.IO.FileInfo with -PassThru.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, DefaultParameterSetName = 'Fleet')]
    [OutputType([System.IO.FileInfo])]
    param(
        [Parameter(Mandatory = $true, Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string] $Path,

        [ValidateSet('Html', 'Csv', 'Json')]
        [string] $Format,

        [ValidateNotNullOrEmpty()]
        [string] $Title,

        [Parameter(ParameterSetName = 'Object', Mandatory = $true, ValueFromPipeline = $true)]
        [AllowNull()]
        [AllowEmptyCollection()]
        [AllowEmptyString()]
        [object[]] $InputObject,

        [Parameter(ParameterSetName = 'Object')]
        [string[]] $Property = @(),

        [Parameter(ParameterSetName = 'Fleet')]
        [ValidateNotNullOrEmpty()]
        [string[]] $Section,

        [Parameter(ParameterSetName = 'Fleet')]
        [string] $Group,

        [char] $Delimiter = ',',

        [switch] $Force,

        [switch] $PassThru
    )

    begin {
        # Also when nothing comes down it: then that is what the report says.
        $given = $MyInvocation.ExpectingInput -or $PSBoundParameters.ContainsKey('InputObject')
        $report = $null
        $waiting = New-Object -TypeName System.Collections.ArrayList
        try {
            $file = Resolve-KanadeReportFile -Path $Path -Format $Format -Force:$Force -SessionState $PSCmdlet.SessionState
            if ($file.Format -eq 'Csv' -and -not $given -and @($Section).Count -gt 1) {
                throw (Get-KanadeErrorRecord -Code 'one_section' -Category InvalidArgument -TargetObject $Section -Message 'CSV has one table: say one section, or write HTML or JSON.')
            }
            if ($PSCmdlet.ShouldProcess($file.Path, 'Write a report')) {
                $headline = $Title
                if (-not $headline) { $headline = Get-KanadeReportTitle -Section $Section -Group $Group -Given:$given }
                $named = -not $given -and @($Section | Where-Object -FilterScript { $_ }).Count -ne 1
                $report = Open-KanadeReport -Path $file.Path -Format $file.Format -Title $headline -Property $Property -Delimiter $Delimiter -Named:$named
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }

    process {
        if (-not $given -or $null -eq $report) { return }
        foreach ($item in $InputObject) { $null = $waiting.Add($item) }
        if ($waiting.Count -lt $report.Together) { return }
        try {
            Add-KanadeReportRow -Report $report -Row $waiting
            $waiting.Clear()
        } catch {
            $report.Writer.Dispose()
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }

    end {
        if ($null -eq $report) { return }
        try {
            try {
                if ($given) { Add-KanadeReportRow -Report $report -Row $waiting }
                elseif ($Section) { Add-KanadeReportSection -Report $report -Section $Section -Group $Group }
                else { Add-KanadeReportOverview -Report $report -Group $Group }
                Close-KanadeReport -Report $report
            } finally {
                $report.Writer.Dispose()
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
        if ($report.LeftOut.Count -gt 0) {
            Write-Warning -Message "The first object of a table says its columns. Left out of later ones was $(@($report.LeftOut | Sort-Object) -join ', '): name what is wanted with -Property."
        }
        if ($PassThru) { Get-Item -LiteralPath $report.Path }
    }
}

function Set-KanadeJob {
    <#
    .SYNOPSIS
        Makes or changes jobs from files of YAML or JSON, or from objects.
    .DESCRIPTION
        Each document is checked first, and stored unless it is there already as it is. -WhatIf, -Confirm and -Verbose show what it
        would change. One with faults is an error that names the file and each place, and the others are stored. What somebody else
        changes at the same moment is never overwritten: that is the error Kanade.precondition_failed, also when an object is older
        than what is stored.
        Files of YAML are kept as they are written, with their comments; an object is kept as JSON.
        A script that lies in a file of its own (script_file) is put into the job, with comments and order as they were. The file has
        to lie in the folder of the document, or in that of -ScriptRoot.
    .PARAMETER Path
        Files of YAML or JSON, with wildcards. Of a folder all its .yaml, .yml and .json files, not those of the folders in it. A file of
        YAML may hold several documents, with --- between them.
    .PARAMETER LiteralPath
        The same, each name taken as it is.
    .PARAMETER InputObject
        A file such as those of Get-ChildItem, a path, the text of a document, a hashtable, or an object such as those of Get-KanadeJob.
        Names are those of the API or as PowerShell shows them: starting_deadline or StartingDeadline.
    .PARAMETER ScriptRoot
        A folder that holds the documents and the files that they name as script_file. Default: the folder of each document.
    .PARAMETER PassThru
        Gives each job as it is now, also one that was so already.
    .PARAMETER WhatIf
        Shows what would change, and changes nothing.
    .PARAMETER Confirm
        Shows what would change, and asks.
    .EXAMPLE
        Set-KanadeJob -Path .\jobs -WhatIf

        Shows what the documents in a folder would change.
    .EXAMPLE
        Get-ChildItem -Path .\jobs -Recurse -Filter *.yaml | Set-KanadeJob

        Stores all documents below a folder.
    .EXAMPLE
        $job = Get-KanadeJob -JobId disk-cleanup
        $job.Version = '1.1'
        $job.Execute.Timeout = '20m'
        $job | Set-KanadeJob

        Changes a job.
    .EXAMPLE
        @{ id = 'hostname'; version = '1'; execute = @{ shell = 'powershell'; script = 'hostname'; timeout = '1m' } } | Set-KanadeJob -PassThru

        Makes a job from a hashtable.
    .INPUTS
        System.IO.FileInfo, System.String, System.Collections.IDictionary, Kanade.Job, Kanade.DocumentCheck or any object that says what a job says.
    .OUTPUTS
        Kanade.Job with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, DefaultParameterSetName = 'Path')]
    [OutputType('Kanade.Job')]
    param(
        [Parameter(ParameterSetName = 'Path', Mandatory = $true, Position = 0)]
        [string[]] $Path,

        [Parameter(ParameterSetName = 'LiteralPath', Mandatory = $true)]
        [Alias('PSPath')]
        [string[]] $LiteralPath,

        [Parameter(ParameterSetName = 'InputObject', Mandatory = $true, ValueFromPipeline = $true)]
        [object] $InputObject,

        [ValidateNotNullOrEmpty()]
        [string] $ScriptRoot,

        [switch] $PassThru
    )

    begin {
        $root = $null
        if ($ScriptRoot) { $root = $PSCmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($ScriptRoot) }
    }

    process {
        foreach ($check in Get-KanadeDocument -Cmdlet $PSCmdlet -Kind job -From @{ Path = $Path; LiteralPath = $LiteralPath; InputObject = $InputObject } -ScriptRoot $root) {
            $id = $check.Answer.id
            if (-not $check.Answer.changed) {
                Write-Verbose -Message "The job $id is so already."
            } else {
                $what = Format-KanadeDifference -Kind job -Check $check
                if (-not $PSCmdlet.ShouldProcess($what, $what, 'Confirm')) { continue }
                if (-not (Publish-KanadeDocument -Cmdlet $PSCmdlet -Kind job -Check $check)) { continue }
            }
            if ($PassThru) { Get-KanadeJob -JobId $id }
        }
    }
}

function Test-KanadeSchedule {
    <#
    .SYNOPSIS
        Checks schedules in files of YAML or JSON, or in objects, and tells what Set-KanadeSchedule would change.
    .DESCRIPTION
        The backend checks each document as if it were stored, and nothing is. Gives one object for each: whether it is valid, all its
        faults with their places, whether it is there already, and where it differs from what is there. A file that is not there or
        cannot be read is an error. A token that may only read is enough.
    .PARAMETER Path
        Files of YAML or JSON, with wildcards. Of a folder all its .yaml, .yml and .json files, not those of the folders in it. A file of
        YAML may hold several documents, with --- between them.
    .PARAMETER LiteralPath
        The same, each name taken as it is.
    .PARAMETER InputObject
        A file such as those of Get-ChildItem, a path, the text of a document, a hashtable, or an object such as those of Get-KanadeSchedule.
        Names are those of the API or as PowerShell shows them: starting_deadline or StartingDeadline.
    .EXAMPLE
        Test-KanadeSchedule -Path .\schedules

        Checks the documents in a folder.
    .EXAMPLE
        if ((Test-KanadeSchedule -Path .\schedules).Valid -contains $false) { exit 1 }

        Ends a build when one of the documents has faults.
    .EXAMPLE
        Get-ChildItem -Path . -Recurse -Filter *.yaml | Test-KanadeSchedule | Where-Object -Property Changed | Set-KanadeSchedule

        Stores those that are valid and differ.
    .INPUTS
        System.IO.FileInfo, System.String, System.Collections.IDictionary, Kanade.Schedule or any object that says what a schedule says.
    .OUTPUTS
        Kanade.DocumentCheck
    #>
    [CmdletBinding(DefaultParameterSetName = 'Path')]
    [OutputType('Kanade.DocumentCheck')]
    param(
        [Parameter(ParameterSetName = 'Path', Mandatory = $true, Position = 0)]
        [string[]] $Path,

        [Parameter(ParameterSetName = 'LiteralPath', Mandatory = $true)]
        [Alias('PSPath')]
        [string[]] $LiteralPath,

        [Parameter(ParameterSetName = 'InputObject', Mandatory = $true, ValueFromPipeline = $true)]
        [object] $InputObject
    )

    process {
        $from = @{ Path = $Path; LiteralPath = $LiteralPath; InputObject = $InputObject }
        Get-KanadeCheckedDocument -Cmdlet $PSCmdlet -Kind schedule -From $from |
            ForEach-Object -Process { ConvertTo-KanadeDocumentCheck -Check $_ }
    }
}

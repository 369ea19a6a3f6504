# Text of one document after the other, each with the mark between them before it: so a file of all is one of several documents.
function Join-KanadeYaml {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true, ValueFromPipeline = $true)][AllowEmptyString()][string] $Text,
        # Of the command: how many documents it has given already.
        [Parameter(Mandatory = $true)][ref] $Given
    )

    process {
        $Given.Value++
        if ($Given.Value -eq 1 -or $Text.StartsWith('---')) { return $Text }
        # A directive may stand only where a document has ended.
        if ($Text.StartsWith('%')) { return "...`n$Text" }
        return "---`n$Text"
    }
}

# What a table of objects of a type is called: 'Exec Result' of Kanade.ExecResult, 'Software' of Kanade.Inventory.Software, 'Objects' of
# what is not ours.
function Get-KanadeReportCaption {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][string] $TypeName)

    if ($TypeName -notmatch '^(?:Selected\.)?Kanade\.(?:Inventory\.)?(\w+)$') { return 'Objects' }
    return $Matches[1] -creplace '(?<=[a-z])[A-Z]', ' $0'
}

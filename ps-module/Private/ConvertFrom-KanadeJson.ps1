# JSON as it is: PowerShell 7 would make a date of whatever looks like one, also of what a script has written.
function ConvertFrom-KanadeJson {
    [CmdletBinding()]
    param([Parameter(Mandatory = $true)][string] $Text)

    # DateKind came with 7.5; Windows PowerShell leaves such text alone.
    if ((Get-Command -Name ConvertFrom-Json).Parameters.ContainsKey('DateKind')) {
        return ConvertFrom-Json -InputObject $Text -DateKind String
    }
    return ConvertFrom-Json -InputObject $Text
}

# What a report is called when nobody says.
function Get-KanadeReportTitle {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [string[]] $Section,
        [string] $Group,
        # Of objects of the pipeline.
        [switch] $Given
    )

    if ($Given) { return 'Kanade report' }
    $whom = 'all PCs'
    if ($Group) { $whom = "group $Group" }
    if ($Section) { return "Kanade: $($Section -join ', ') of $whom" }
    return "Kanade: overview of $whom"
}

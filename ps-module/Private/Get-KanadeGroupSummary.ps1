# Every group as the API lists them, whether it does so page by page or at once.
function Get-KanadeGroupSummary {
    [CmdletBinding()]
    [OutputType([psobject])]
    param()

    $cursor = $null
    do {
        $page = Invoke-KanadeRestMethod -Path '/groups' -Query @{ cursor = $cursor }
        $page.items
        $cursor = $page.next
    } while ($cursor)
}

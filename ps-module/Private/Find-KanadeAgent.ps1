# The enrolled PCs whose id or host name a wildcard fits, as the API tells them. The backend looks for the longest part of it
# that is plain text, for a fleet is long.
function Find-KanadeAgent {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][string] $Pattern)

    # A set of characters and what is escaped are no plain text here; that finds more than it should, and the wildcard decides.
    $plain = ($Pattern -replace '\[[^\]]*\]', '*' -replace '`.', '*').Split([char[]] '*?[]') | Sort-Object -Property Length -Descending | Select-Object -First 1
    $query = @{}
    if ($plain) { $query.q = $plain }
    Invoke-KanadeRestMethod -Path '/agents' -Query $query -All | Where-Object -FilterScript { $_.pc_id -like $Pattern -or $_.hostname -like $Pattern }
}

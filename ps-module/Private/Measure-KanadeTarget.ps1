# How many PCs a target means now.
function Measure-KanadeTarget {
    [CmdletBinding()]
    [OutputType([int])]
    param([Parameter(Mandatory = $true)][System.Collections.IDictionary] $Target)

    if ($Target.Contains('pcs')) { return @($Target.pcs).Count }
    $ids = New-Object -TypeName 'System.Collections.Generic.HashSet[string]'
    $queries = @(@{})
    if ($Target.Contains('groups')) { $queries = @($Target.groups | ForEach-Object -Process { @{ group = $_ } }) }
    foreach ($query in $queries) {
        foreach ($agent in Invoke-KanadeRestMethod -Path '/agents' -Query $query -All) { $null = $ids.Add($agent.pc_id) }
    }
    return $ids.Count
}

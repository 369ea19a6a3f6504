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
        foreach ($agent in Invoke-KanadeRestMethod -Path '/agents' -Query $query -All -PassError) {
            if ($agent -isnot [System.Management.Automation.ErrorRecord]) { $null = $ids.Add($agent.pc_id) }
            # In a group that there is not is nobody: what is wrong with the target is said when it is submitted.
            elseif ($agent.FullyQualifiedErrorId -notlike 'Kanade.not_found*') { throw $agent }
        }
    }
    return $ids.Count
}

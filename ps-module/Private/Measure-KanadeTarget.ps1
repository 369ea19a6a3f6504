# How many PCs a target means now; with -State also how many of these are on, and how many are not enrolled.
function Measure-KanadeTarget {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Target,
        [switch] $State
    )

    # By id whether it is on, and $null where nobody has asked.
    $pcs = @{}
    $unknown = 0
    $queries = @()
    if ($Target.Contains('all')) { $queries = @(@{}) }
    if ($Target.Contains('groups')) { $queries = @($Target.groups | ForEach-Object -Process { @{ group = $_ } }) }
    foreach ($query in $queries) {
        foreach ($agent in Invoke-KanadeRestMethod -Path '/agents' -Query $query -All -PassError) {
            if ($agent -isnot [System.Management.Automation.ErrorRecord]) { $pcs[$agent.pc_id] = $agent.online }
            # In a group that there is not is nobody: what is wrong with the target is said when it is submitted.
            elseif ($agent.FullyQualifiedErrorId -notlike 'Kanade.not_found*') { throw $agent }
        }
    }
    if ($Target.Contains('pcs')) {
        $named = @($Target.pcs | Where-Object -FilterScript { -not $pcs.ContainsKey($_) })
        if (-not $State) {
            foreach ($pc in $named) { $pcs[$pc] = $null }
        } else {
            # Few are asked about one by one, many by the list of all.
            $few = 20
            $found = @{}
            if ($named.Count -gt $few) { foreach ($agent in Invoke-KanadeRestMethod -Path '/agents' -All) { $found[$agent.pc_id] = $agent } }
            foreach ($pc in $named) {
                $agent = $found[$pc]
                if ($named.Count -le $few) { $agent = Invoke-KanadeRestMethod -Path "/agents/$pc" -PassError }
                if ($agent -is [System.Management.Automation.ErrorRecord]) {
                    if ($agent.FullyQualifiedErrorId -notlike 'Kanade.not_found*') { throw $agent }
                    $agent = $null
                }
                if ($null -eq $agent -or $agent.retired_at) { $unknown++ } else { $pcs[$pc] = $agent.online }
            }
        }
    }
    return [pscustomobject] @{
        Count   = $pcs.Count
        Online  = @($pcs.Values | Where-Object -FilterScript { $_ }).Count
        Unknown = $unknown
    }
}

# The ids of the PCs that are off or cannot be reached.
function Get-KanadeOfflinePc {
    [CmdletBinding()]
    [OutputType([System.Collections.Generic.HashSet[string]])]
    param()

    $ids = New-Object -TypeName 'System.Collections.Generic.HashSet[string]'
    foreach ($agent in Invoke-KanadeRestMethod -Path '/agents' -Query @{ online = 'false' } -All) { $null = $ids.Add($agent.pc_id) }
    # The comma keeps an empty set from becoming nothing.
    return , $ids
}

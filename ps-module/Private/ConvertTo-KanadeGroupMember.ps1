function ConvertTo-KanadeGroupMember {
    [CmdletBinding()]
    [OutputType('Kanade.GroupMember')]
    param(
        [Parameter(Mandatory = $true)][string] $Group,
        [Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject
    )

    process {
        [pscustomobject] @{
            PSTypeName   = 'Kanade.GroupMember'
            Group        = $Group
            ComputerName = $InputObject.pc_id
            Online       = $InputObject.online
            LastSeen     = ConvertFrom-KanadeInstant -Value $InputObject.last_seen
            Version      = $InputObject.version
            OS           = $InputObject.os
        }
    }
}

function ConvertTo-KanadeAgent {
    [CmdletBinding()]
    [OutputType('Kanade.Agent')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        [pscustomobject] @{
            PSTypeName    = 'Kanade.Agent'
            ComputerName  = $InputObject.pc_id
            HostName      = $InputObject.hostname
            Online        = $InputObject.online
            LastHeartbeat = ConvertFrom-KanadeInstant -Value $InputObject.last_heartbeat
            LastSeen      = ConvertFrom-KanadeInstant -Value $InputObject.last_seen
            EnrolledAt    = ConvertFrom-KanadeInstant -Value $InputObject.enrolled_at
            RetiredAt     = ConvertFrom-KanadeInstant -Value $InputObject.retired_at
            Version       = $InputObject.version
            OS            = $InputObject.os
            TimeZone      = $InputObject.tz
            InventoryAt   = ConvertFrom-KanadeInstant -Value $InputObject.inventory_at
            Groups        = [string[]] @($InputObject.groups)
            Pending       = $InputObject.pending
            Running       = [string[]] @($InputObject.running)
            Problems      = @($InputObject.problems)
            Conflict      = $InputObject.conflict
        }
    }
}

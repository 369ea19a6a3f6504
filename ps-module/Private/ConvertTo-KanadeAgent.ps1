function ConvertTo-KanadeAgent {
    [CmdletBinding()]
    [OutputType('Kanade.Agent')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        $defender = $InputObject.defender
        if ($null -eq $defender) { $defender = @{ real_time_protection = $null; tamper_protected = $null; signature_age_days = $null } }
        [pscustomobject] @{
            PSTypeName         = 'Kanade.Agent'
            ComputerName       = $InputObject.pc_id
            HostName           = $InputObject.hostname
            Online             = $InputObject.online
            LastHeartbeat      = ConvertFrom-KanadeInstant -Value $InputObject.last_heartbeat
            LastSeen           = ConvertFrom-KanadeInstant -Value $InputObject.last_seen
            EnrolledAt         = ConvertFrom-KanadeInstant -Value $InputObject.enrolled_at
            RetiredAt          = ConvertFrom-KanadeInstant -Value $InputObject.retired_at
            RenamedTo          = $InputObject.renamed_to
            Version            = $InputObject.version
            OS                 = $InputObject.os
            TimeZone           = $InputObject.tz
            IdentityState      = $InputObject.identity
            TokenId            = $InputObject.token_id
            PublicKey          = $InputObject.public_key
            RenewedAt          = ConvertFrom-KanadeInstant -Value $InputObject.renewed_at
            Hardware           = ConvertTo-KanadeHardware -Value $InputObject.hardware
            RetireAfterDays    = $InputObject.ephemeral_days
            InventoryAt        = ConvertFrom-KanadeInstant -Value $InputObject.inventory_at
            LoggedOnUser       = $InputObject.logged_on_user
            PendingReboot      = if ($null -ne $InputObject.pending_reboot) { , [string[]] @($InputObject.pending_reboot) }
            RealTimeProtection = $defender.real_time_protection
            TamperProtected    = $defender.tamper_protected
            SignatureAgeDays   = $defender.signature_age_days
            Groups             = [string[]] @($InputObject.groups)
            Pending            = $InputObject.pending
            Running            = [string[]] @($InputObject.running)
            Problems           = @($InputObject.problems)
            Conflict           = $InputObject.conflict
        }
    }
}

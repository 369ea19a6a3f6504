function ConvertTo-KanadeAuditEntry {
    [CmdletBinding()]
    [OutputType('Kanade.AuditEntry')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        [pscustomobject] @{
            PSTypeName = 'Kanade.AuditEntry'
            RecordedAt = ConvertFrom-KanadeInstant -Value $InputObject.recorded_at
            Actor      = $InputObject.actor
            ActorKind  = $InputObject.actor_kind
            Action     = $InputObject.action
            Target     = $InputObject.target
            Result     = $InputObject.result
            Before     = ConvertTo-KanadePascalObject -Value $InputObject.before
            After      = ConvertTo-KanadePascalObject -Value $InputObject.after
            At         = ConvertFrom-KanadeInstant -Value $InputObject.at
            RequestId  = $InputObject.request_id
            SourceIp   = $InputObject.source_ip
            AuditId    = $InputObject.audit_id
        }
    }
}

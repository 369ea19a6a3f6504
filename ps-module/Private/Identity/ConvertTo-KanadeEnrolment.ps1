function ConvertTo-KanadeEnrolment {
    [CmdletBinding()]
    [OutputType('Kanade.Enrolment')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        [pscustomobject] @{
            PSTypeName   = 'Kanade.Enrolment'
            EnrolmentId  = $InputObject.id
            ComputerName = $InputObject.pc_id
            State        = $InputObject.state
            Reason       = $InputObject.reason
            RequestedAt  = ConvertFrom-KanadeInstant -Value $InputObject.requested_at
            SourceIp     = $InputObject.source_ip
            HostName     = $InputObject.hostname
            OS           = $InputObject.os
            Version      = $InputObject.version
            Hardware     = ConvertTo-KanadeHardware -Value $InputObject.hardware
            Groups       = [string[]] @($InputObject.groups)
            TokenId      = $InputObject.token_id
            DecidedBy    = $InputObject.decided_by
            DecidedAt    = ConvertFrom-KanadeInstant -Value $InputObject.decided_at
        }
    }
}

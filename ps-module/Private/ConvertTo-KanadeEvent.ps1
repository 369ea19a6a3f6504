function ConvertTo-KanadeEvent {
    [CmdletBinding()]
    [OutputType('Kanade.Event')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        [pscustomobject] @{
            PSTypeName   = 'Kanade.Event'
            RecordedAt   = ConvertFrom-KanadeInstant -Value $InputObject.recorded_at
            ComputerName = $InputObject.pc_id
            Kind         = $InputObject.kind
            Code         = $InputObject.code
            Detail       = $InputObject.detail
            At           = ConvertFrom-KanadeInstant -Value $InputObject.at
            ExecId       = $InputObject.exec_id
            RequestId    = $InputObject.request_id
            Subject      = $InputObject.subject
            EventId      = $InputObject.event_id
        }
    }
}

function ConvertTo-KanadeCommandKey {
    [CmdletBinding()]
    [OutputType('Kanade.CommandKey')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        [pscustomobject] @{
            PSTypeName = 'Kanade.CommandKey'
            KeyId      = $InputObject.id
            State      = $InputObject.state
            Own        = $InputObject.own
            BackendId  = $InputObject.backend_id
            PublicKey  = $InputObject.public_key
            CreatedAt  = ConvertFrom-KanadeInstant -Value $InputObject.created_at
            ActiveFrom = ConvertFrom-KanadeInstant -Value $InputObject.active_from
            RetiredAt  = ConvertFrom-KanadeInstant -Value $InputObject.retired_at
        }
    }
}

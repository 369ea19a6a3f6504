function ConvertTo-KanadeEnrolmentToken {
    [CmdletBinding()]
    [OutputType('Kanade.EnrolmentToken')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        $days = $null
        if ($null -ne $InputObject.ephemeral) { $days = $InputObject.ephemeral.retire_after_days }
        [pscustomobject] @{
            PSTypeName      = 'Kanade.EnrolmentToken'
            TokenId         = $InputObject.id
            Description     = $InputObject.description
            Usable          = $InputObject.usable
            ExpiresAt       = ConvertFrom-KanadeInstant -Value $InputObject.expires_at
            RevokedAt       = ConvertFrom-KanadeInstant -Value $InputObject.revoked_at
            UsesLeft        = $InputObject.uses_left
            Used            = $InputObject.used
            Groups          = [string[]] @($InputObject.groups)
            NamePattern     = $InputObject.name_pattern
            NeedsApproval   = $InputObject.needs_approval
            Replace         = $InputObject.replace
            RetireAfterDays = $days
            CreatedAt       = ConvertFrom-KanadeInstant -Value $InputObject.created_at
            CreatedBy       = $InputObject.created_by
        }
    }
}

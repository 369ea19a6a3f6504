function ConvertTo-KanadeEnrolmentToken {
    [CmdletBinding()]
    [OutputType('Kanade.EnrolmentToken')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        $days = $null
        if ($null -ne $InputObject.ephemeral) { $days = $InputObject.ephemeral.retire_after_days }
        # What makes it more than a token for a new PC.
        $flags = [ordered] @{ replace = $InputObject.replace; approval = $InputObject.needs_approval; ephemeral = $null -ne $days }
        # Of a CA that the server has no more: PCs do not believe the server by it. An older backend does not say.
        $outdated = $InputObject.PSObject.Properties['ca_outdated']
        $flags.old_ca = $null -ne $outdated -and $outdated.Value
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
            Flags           = [string[]] @($flags.Keys | Where-Object -FilterScript { $flags[$_] })
            Refused         = @($InputObject.refused | Where-Object -FilterScript { $null -ne $_ } | ForEach-Object -Process { [pscustomobject] @{ Code = $_.code; Times = $_.count; LastAt = ConvertFrom-KanadeInstant -Value $_.last_at } })
            CreatedAt       = ConvertFrom-KanadeInstant -Value $InputObject.created_at
            CreatedBy       = $InputObject.created_by
        }
    }
}

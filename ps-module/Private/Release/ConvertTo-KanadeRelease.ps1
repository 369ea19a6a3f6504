function ConvertTo-KanadeRelease {
    [CmdletBinding()]
    [OutputType('Kanade.Release')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        [pscustomobject] @{
            PSTypeName     = 'Kanade.Release'
            ReleaseId      = $InputObject.release
            Version        = $InputObject.version
            Platform       = $InputObject.platform
            Serial         = $InputObject.serial
            CreatedAt      = ConvertFrom-KanadeInstant -Value $InputObject.created_at
            ExpiresAt      = ConvertFrom-KanadeInstant -Value $InputObject.expires_at
            Expired        = $InputObject.expired
            Files          = $InputObject.files
            Bytes          = $InputObject.bytes
            EnvelopeSha256 = $InputObject.envelope_sha256
            SignedBy       = [string[]] @($InputObject.signed_by)
            UploadedAt     = ConvertFrom-KanadeInstant -Value $InputObject.uploaded_at
            UploadedBy     = $InputObject.uploaded_by
        }
    }
}

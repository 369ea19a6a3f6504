function ConvertTo-KanadeAgentPackage {
    [CmdletBinding()]
    [OutputType('Kanade.AgentPackage')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        [pscustomobject] @{
            PSTypeName = 'Kanade.AgentPackage'
            Version    = $InputObject.version
            Size       = $InputObject.size
            UploadedAt = ConvertFrom-KanadeInstant -Value $InputObject.uploaded_at
            UploadedBy = $InputObject.uploaded_by
            Sha256     = $InputObject.sha256
        }
    }
}

# A job of a list that has the documents. What the backend adds to a document comes first; fields that only a newer backend
# knows follow as they are called there.
function ConvertTo-KanadeJob {
    [CmdletBinding()]
    [OutputType('Kanade.Job')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        $job = [ordered] @{
            PSTypeName       = 'Kanade.Job'
            JobId            = $InputObject.id
            Version          = $InputObject.version
            Status           = $InputObject.status
            Description      = $InputObject.description
            Tags             = [string[]] @($InputObject.tags)
            Execute          = ConvertTo-KanadePascalObject -Value $InputObject.document.execute -Always Shell, Script, Timeout, RunAs, Sessions, Cwd, SuccessExitCodes
            Staleness        = $null
            InventorySection = $null
            UpdatedAt        = ConvertFrom-KanadeInstant -Value $InputObject.updated_at
            UpdatedBy        = $InputObject.updated_by
            ETag             = $InputObject.etag
        }
        foreach ($property in $InputObject.document.PSObject.Properties) {
            if ($property.Name -notin 'id', 'version', 'description', 'tags', 'execute') {
                $job[(ConvertTo-KanadePascalCase -Name $property.Name)] = ConvertTo-KanadePascalObject -Value $property.Value
            }
        }
        [pscustomobject] $job
    }
}

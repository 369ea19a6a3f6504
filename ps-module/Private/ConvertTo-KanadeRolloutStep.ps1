# One thing that happened to a rollout.
function ConvertTo-KanadeRolloutStep {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        [pscustomobject] @{
            At     = ConvertFrom-KanadeInstant -Value $InputObject.at
            By     = $InputObject.by
            What   = $InputObject.what
            Detail = $InputObject.detail
        }
    }
}

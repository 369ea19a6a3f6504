# One thing that happened to a rollout.
function ConvertTo-KanadeRolloutStep {
    [CmdletBinding()]
    [OutputType('Kanade.RolloutStep')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        [pscustomobject] @{
            PSTypeName = 'Kanade.RolloutStep'
            At         = ConvertFrom-KanadeInstant -Value $InputObject.at
            By         = $InputObject.by
            What       = $InputObject.what
            Detail     = $InputObject.detail
        }
    }
}

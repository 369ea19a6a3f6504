function ConvertTo-KanadeFreeze {
    [CmdletBinding()]
    [OutputType('Kanade.Freeze')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        [pscustomobject] @{
            PSTypeName = 'Kanade.Freeze'
            Frozen     = $InputObject.frozen
            Reason     = $InputObject.reason
            Since      = ConvertFrom-KanadeInstant -Value $InputObject.since
            By         = $InputObject.by
            Corrupt    = $InputObject.corrupt
        }
    }
}

function ConvertTo-KanadeGroup {
    [CmdletBinding()]
    [OutputType('Kanade.Group')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        $told = @{ kind = 'static'; query = @(); description = $null; error = $null }
        foreach ($name in @($told.Keys)) {
            $property = $InputObject.PSObject.Properties[$name]
            if ($null -ne $property -and $null -ne $property.Value) { $told[$name] = $property.Value }
        }
        # One group by itself is told with their names. $null says that it is not known who they are.
        $members = $InputObject.members
        if ($members -is [array]) { $members = $members.Count }
        # Group and not Name: a name down the pipeline is a PC's.
        [pscustomobject] @{
            PSTypeName  = 'Kanade.Group'
            Group       = $InputObject.group
            Members     = $members
            Kind        = $told.kind
            Query       = [string[]] @($told.query)
            Description = $told.description
            Error       = $told.error
        }
    }
}

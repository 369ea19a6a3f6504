# Whom names and objects mean: PCs by their name, or the group that Get-KanadeGroup gave. One that says neither is an error of
# the command, and the others are given: how an object reads as text is no name.
function Resolve-KanadeTarget {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true, ValueFromPipeline = $true)][AllowNull()][AllowEmptyString()][object] $InputObject,
        # Where a group is none that can be meant.
        [switch] $NoGroup
    )

    process {
        $names = $null
        if ($InputObject -is [string] -or $InputObject -is [int] -or $InputObject -is [long]) { $names = @($InputObject) }
        $properties = 'ComputerName', 'Name', 'DNSHostName', 'pc_id', 'PSComputerName', 'Group'
        $type = 'null'
        if ($null -ne $InputObject) {
            $type = @($InputObject.PSObject.TypeNames)[0]
            # Of the module's own objects a Name is that of something else, and over remoting all of them get a PSComputerName.
            if ($type -match '\bKanade\.') { $properties = 'ComputerName', 'Group' }
            if ($NoGroup) { $properties = @($properties | Where-Object -FilterScript { $_ -ne 'Group' }) }
            foreach ($name in $properties) {
                if ($null -ne $names) { break }
                $property = $InputObject.PSObject.Properties[$name]
                if ($null -eq $property -or "$($property.Value)" -eq '') { continue }
                if ($name -eq 'Group') { return [pscustomobject] @{ Kind = 'Group'; Name = "$($property.Value)" } }
                $names = @($property.Value)
            }
        }
        if ($null -eq $names) {
            $what = if ($NoGroup) { 'no PC' } else { 'neither a PC nor a group' }
            $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'not_a_target' -Category InvalidArgument -TargetObject $InputObject -Message "An object of the type $type names ${what}: it has none of $($properties -join ', ')."))
        }
        foreach ($name in $names) {
            $pc = Resolve-KanadePcId -Cmdlet $Cmdlet -Name $name
            if ($pc) { [pscustomobject] @{ Kind = 'Pc'; Name = $pc } }
        }
    }
}

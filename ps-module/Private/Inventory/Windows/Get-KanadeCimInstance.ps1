# The only function that asks CIM for instances. Gives plain objects with just the properties that were asked for, as the provider
# has them; references are objects of their keys. What goes wrong it gives as an ErrorRecord.
function Get-KanadeCimInstance {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string] $ClassName,
        [string] $Namespace = 'root/cimv2',
        [Parameter(Mandatory = $true)][string[]] $Property,
        [string] $Filter,
        [Parameter(Mandatory = $true)][double] $TimeoutSec
    )

    $parameters = @{
        Query    = @{
            ClassName           = $ClassName
            Namespace           = $Namespace
            Property            = $Property
            # It is a little later in giving up than it is told to be, and some providers never do.
            OperationTimeoutSec = [uint32] [Math]::Max(1, [Math]::Floor($TimeoutSec) - 3)
        }
        Property = $Property
    }
    if ($Filter) { $parameters.Query.Filter = $Filter }
    Invoke-KanadeBounded -TimeoutSec $TimeoutSec -Parameter $parameters -ScriptBlock {
        param($Query, $Property)
        foreach ($instance in CimCmdlets\Get-CimInstance @Query) {
            $plain = [ordered] @{}
            foreach ($name in $Property) {
                # Not by its name: the types of PowerShell put properties of their own in front of some.
                $value = $instance.CimInstanceProperties[$name].Value
                if ($value -is [Microsoft.Management.Infrastructure.CimInstance]) {
                    $keys = [ordered] @{}
                    foreach ($key in $value.CimInstanceProperties) { $keys[$key.Name] = $key.Value }
                    $value = [pscustomobject] $keys
                }
                $plain[$name] = $value
            }
            $instance.Dispose()
            [pscustomobject] $plain
        }
    }
}

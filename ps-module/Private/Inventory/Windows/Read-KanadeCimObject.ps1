# The one instance of a class, with Read = $true; with Read = $false and every property $null when it could not be read. A class
# without an instance was read, and its properties are $null too.
function Read-KanadeCimObject {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][psobject] $Reading,
        [Parameter(Mandatory = $true)][string] $ClassName,
        [string] $Namespace = 'root/cimv2',
        [Parameter(Mandatory = $true)][string[]] $Property,
        [string[]] $Optional = @(),
        [hashtable] $Instead = @{}
    )

    $instances = Read-KanadeCim -Reading $Reading -ClassName $ClassName -Namespace $Namespace -Property $Property -Optional $Optional -Instead $Instead
    $object = [ordered] @{ Read = $null -ne $instances }
    foreach ($name in $Property + $Optional) {
        $object[$name] = $null
        if ($null -ne $instances -and $instances.Count -gt 0 -and $null -ne $instances[0].PSObject.Properties[$name]) { $object[$name] = $instances[0].$name }
    }
    [pscustomobject] $object
}

# The only function that calls methods of CIM. Gives for each instance that the filter finds a plain object with ReturnValue and
# what else the method gives.
function Invoke-KanadeCimMethod {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string] $ClassName,
        [string] $Namespace = 'root/cimv2',
        [Parameter(Mandatory = $true)][string] $Filter,
        [Parameter(Mandatory = $true)][string] $MethodName,
        [System.Collections.IDictionary] $Arguments = @{},
        [Parameter(Mandatory = $true)][double] $TimeoutSec
    )

    $parameters = @{
        ClassName   = $ClassName
        Namespace   = $Namespace
        Filter      = $Filter
        MethodName  = $MethodName
        Arguments   = $Arguments
        OperationTimeoutSec = [uint32] [Math]::Max(1, [Math]::Floor($TimeoutSec) - 3)
    }
    Invoke-KanadeBounded -TimeoutSec $TimeoutSec -Parameter $parameters -ScriptBlock {
        param($ClassName, $Namespace, $Filter, $MethodName, $Arguments, $OperationTimeoutSec)
        foreach ($instance in CimCmdlets\Get-CimInstance -ClassName $ClassName -Namespace $Namespace -Filter $Filter -KeyOnly -OperationTimeoutSec $OperationTimeoutSec) {
            $result = CimCmdlets\Invoke-CimMethod -InputObject $instance -MethodName $MethodName -Arguments $Arguments -OperationTimeoutSec $OperationTimeoutSec
            $plain = [ordered] @{}
            foreach ($property in $result.PSObject.Properties) {
                if ($property.Name -ne 'PSComputerName') { $plain[$property.Name] = $property.Value }
            }
            $instance.Dispose()
            [pscustomobject] $plain
        }
    }
}

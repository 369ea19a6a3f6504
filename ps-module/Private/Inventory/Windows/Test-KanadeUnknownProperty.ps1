# Whether a query failed over a property that the class does not have.
function Test-KanadeUnknownProperty {
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory = $true)][System.Management.Automation.ErrorRecord] $ErrorRecord)

    # WBEM_E_INVALID_QUERY and WBEM_E_PROPERTY_NOT_FOUND.
    foreach ($number in Get-KanadeHResult -ErrorRecord $ErrorRecord) {
        if ($number -in 0x80041017L, 0x80041031L) { return $true }
    }
    $native = $ErrorRecord.Exception.PSObject.Properties['NativeErrorCode']
    return $null -ne $native -and "$($native.Value)" -in 'InvalidQuery', 'NoSuchProperty'
}

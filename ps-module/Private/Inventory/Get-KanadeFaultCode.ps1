# What kind of failure an error is. By numbers and types alone: messages are in the language of the PC.
function Get-KanadeFaultCode {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][System.Management.Automation.ErrorRecord] $ErrorRecord)

    # HRESULTs of WMI, Windows, COM, ADSI, WS-Management and Windows Update.
    $codes = @{
        0x80041003L = 'access_denied'; 0x80070005L = 'access_denied'; 0x80041062L = 'access_denied'; 0x80240044L = 'access_denied'; 0x80070522L = 'access_denied'
        0x80041069L = 'timed_out'; 0x800705b4L = 'timed_out'; 0x00040004L = 'timed_out'; 0x00043001L = 'timed_out'; 0x80338029L = 'timed_out'; 0x8001011fL = 'timed_out'; 0x80070079L = 'timed_out'
        0x80041002L = 'not_supported'; 0x8004100cL = 'not_supported'; 0x8004100eL = 'not_supported'; 0x80041010L = 'not_supported'; 0x80041017L = 'not_supported'
        0x80041024L = 'not_supported'; 0x8004102eL = 'not_supported'; 0x8004106cL = 'not_supported'; 0x80040154L = 'not_supported'; 0x80070032L = 'not_supported'; 0x80070002L = 'not_supported'
    }
    foreach ($number in Get-KanadeHResult -ErrorRecord $ErrorRecord) {
        if ($codes.ContainsKey($number)) { return $codes[$number] }
    }
    # What CIM says besides: MI_Result by its name, which is not translated.
    $names = @{
        AccessDenied = 'access_denied'; InvalidOperationTimeout = 'timed_out'
        InvalidNamespace = 'not_supported'; InvalidClass = 'not_supported'; NotFound = 'not_supported'; NotSupported = 'not_supported'; NoSuchProperty = 'not_supported'
        InvalidQuery = 'not_supported'; MethodNotAvailable = 'not_supported'; MethodNotFound = 'not_supported'
    }
    for ($exception = $ErrorRecord.Exception; $null -ne $exception; $exception = $exception.InnerException) {
        $native = $exception.PSObject.Properties['NativeErrorCode']
        if ($exception -is [System.ComponentModel.Win32Exception]) {
            # Of a program: 2 is that there is none, on Linux too, 5 and 13 that it may not be run.
            if ($exception.NativeErrorCode -eq 2) { return 'not_supported' }
            if ($exception.NativeErrorCode -in 5, 13) { return 'access_denied' }
        } elseif ($null -ne $native -and $names.ContainsKey("$($native.Value)")) {
            return $names["$($native.Value)"]
        }
        if ($exception -is [System.TimeoutException]) { return 'timed_out' }
        if ($exception -is [System.UnauthorizedAccessException] -or $exception -is [System.Security.SecurityException]) { return 'access_denied' }
        if ($exception -is [System.NotSupportedException] -or $exception -is [System.Management.Automation.CommandNotFoundException]) { return 'not_supported' }
        if ($exception -is [System.IO.FileNotFoundException] -or $exception -is [System.IO.DirectoryNotFoundException]) { return 'not_supported' }
    }
    switch ($ErrorRecord.CategoryInfo.Category) {
        'PermissionDenied' { return 'access_denied' }
        'OperationTimeout' { return 'timed_out' }
        'NotImplemented' { return 'not_supported' }
    }
    return 'failed'
}

# The values of a key below HKEY_LOCAL_MACHINE, as a 64-bit program sees them, by name; none when there is no such key.
function Get-KanadeMachineValue {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory = $true)][string] $Path)

    $values = @{}
    $base = [Microsoft.Win32.RegistryKey]::OpenBaseKey([Microsoft.Win32.RegistryHive]::LocalMachine, [Microsoft.Win32.RegistryView]::Registry64)
    try {
        $key = $base.OpenSubKey($Path)
        if ($null -ne $key) {
            foreach ($name in $key.GetValueNames()) { $values[$name] = $key.GetValue($name) }
            $key.Dispose()
        }
    } finally {
        $base.Dispose()
    }
    return $values
}

# The only function that reads the registry: a key, or with -Child each of its subkeys. Gives Name, Values, SubKeyNames and Failure
# (the error of a subkey that could not be opened); nothing when there is no such key. Texts are as they are stored: the
# environment that would be put into them is that of another user.
function Get-KanadeRegistryKey {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][ValidateSet('LocalMachine', 'Users', 'CurrentUser')][string] $Hive,
        [Parameter(Mandatory = $true)][AllowEmptyString()][string] $Path,
        # Of what a PowerShell of 32 bits would otherwise be shown another place of.
        [ValidateSet('Registry64', 'Registry32')][string] $View = 'Registry64',
        [switch] $Child
    )

    $open = {
        param($Parent, $Name)
        $key = $Parent.OpenSubKey($Name)
        if ($null -eq $key) { return }
        try {
            $values = @{}
            foreach ($value in $key.GetValueNames()) { $values[$value] = $key.GetValue($value, $null, [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames) }
            [pscustomobject] @{ Name = $Name; Values = $values; SubKeyNames = $key.GetSubKeyNames(); Failure = $null }
        } finally {
            $key.Dispose()
        }
    }
    $base = [Microsoft.Win32.RegistryKey]::OpenBaseKey([Microsoft.Win32.RegistryHive]::$Hive, [Microsoft.Win32.RegistryView]::$View)
    try {
        if (-not $Child) { return & $open $base $Path }
        $parent = $base.OpenSubKey($Path)
        if ($null -eq $parent) { return }
        try {
            foreach ($name in $parent.GetSubKeyNames()) {
                try {
                    & $open $parent $name
                } catch {
                    [pscustomobject] @{ Name = $name; Values = @{}; SubKeyNames = @(); Failure = $_ }
                }
            }
        } finally {
            $parent.Dispose()
        }
    } finally {
        $base.Dispose()
    }
}

# The only function that reads the registry: a key, or with -Child each of its subkeys. Gives Name, Values, SubKeyNames and Failure
# (the ErrorRecord of a subkey that could not be opened); nothing when there is no such key, and an ErrorRecord when it could not be
# opened. Texts are as they are stored: the environment that would be put into them is that of another user.
function Get-KanadeRegistryKey {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][ValidateSet('LocalMachine', 'Users', 'CurrentUser')][string] $Hive,
        [Parameter(Mandatory = $true)][AllowEmptyString()][string] $Path,
        # Of what a PowerShell of 32 bits would otherwise be shown another place of.
        [ValidateSet('Registry64', 'Registry32')][string] $View = 'Registry64',
        [switch] $Child,
        [double] $TimeoutSec = 30
    )

    Invoke-KanadeBounded -TimeoutSec $TimeoutSec -Parameter @{ Hive = $Hive; Path = $Path; View = $View; Child = [bool] $Child } -ScriptBlock {
        param($Hive, $Path, $View, $Child)
        $base = [Microsoft.Win32.RegistryKey]::OpenBaseKey([Microsoft.Win32.RegistryHive]::$Hive, [Microsoft.Win32.RegistryView]::$View)
        $names = @($Path)
        $from = $base
        if ($Child) {
            $from = $base.OpenSubKey($Path)
            if ($null -eq $from) { return }
            $names = $from.GetSubKeyNames()
        }
        foreach ($name in $names) {
            try {
                $key = $from.OpenSubKey($name)
                # Not there, or gone in between.
                if ($null -eq $key) { continue }
                $values = @{}
                foreach ($value in $key.GetValueNames()) { $values[$value] = $key.GetValue($value, $null, [Microsoft.Win32.RegistryValueOptions]::DoNotExpandEnvironmentNames) }
                [pscustomobject] @{ Name = $name; Values = $values; SubKeyNames = $key.GetSubKeyNames(); Failure = $null }
                $key.Dispose()
            } catch {
                if (-not $Child) { throw }
                [pscustomobject] @{ Name = $name; Values = @{}; SubKeyNames = @(); Failure = $_ }
            }
        }
        if ($Child) { $from.Dispose() }
        $base.Dispose()
    }
}

# A key of the registry. Read says whether it could be looked at, Exists whether it is there; what is not there has no values.
function Read-KanadeRegistry {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][psobject] $Reading,
        [string] $Hive = 'LocalMachine',
        [Parameter(Mandatory = $true)][AllowEmptyString()][string] $Path
    )

    $keys = Read-KanadeSource -Reading $Reading -Source "$Hive\$Path" -Read {
        param($TimeoutSec)
        Get-KanadeRegistryKey -Hive $Hive -Path $Path -TimeoutSec $TimeoutSec
    }
    $read = $null -ne $keys
    if ($read -and $keys.Count -gt 0) { return [pscustomobject] @{ Read = $true; Exists = $true; Values = $keys[0].Values; SubKeyNames = $keys[0].SubKeyNames } }
    [pscustomobject] @{ Read = $read; Exists = $false; Values = @{}; SubKeyNames = @() }
}

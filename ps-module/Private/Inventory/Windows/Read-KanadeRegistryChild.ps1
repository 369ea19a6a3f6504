# The subkeys of a key as an array, or $null when the key could not be opened. Those that could not are faults of the section.
function Read-KanadeRegistryChild {
    [CmdletBinding()]
    [OutputType([object[]])]
    param(
        [Parameter(Mandatory = $true)][psobject] $Reading,
        [string] $Hive = 'LocalMachine',
        [Parameter(Mandatory = $true)][string] $Path,
        [string] $View = 'Registry64'
    )

    $source = "$Hive\$Path"
    if ($View -eq 'Registry32') { $source += ' (32 bits)' }
    $keys = Read-KanadeSource -Reading $Reading -Source $source -Read {
        param($TimeoutSec)
        Get-KanadeRegistryKey -Hive $Hive -Path $Path -View $View -Child -TimeoutSec $TimeoutSec
    }
    if ($null -eq $keys) { return $null }
    foreach ($key in $keys) {
        if ($null -ne $key.Failure) { Add-KanadeFault -Reading $Reading -Source "$source\$($key.Name)" -Code (Get-KanadeFaultCode -ErrorRecord $key.Failure) -Message $key.Failure.Exception.Message }
    }
    return , @($keys | Where-Object -FilterScript { $null -eq $_.Failure })
}

# Of Windows PowerShell, for the PC and for whom this runs as. Not the one of the process: it is that of this very session. Of the
# registry, because Get-ExecutionPolicy in PowerShell 7 speaks of PowerShell 7.
function Get-KanadeWindowsExecutionPolicy {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $policy = 'SOFTWARE\Policies\Microsoft\Windows\PowerShell'
    $shell = 'SOFTWARE\Microsoft\PowerShell\1\ShellIds\Microsoft.PowerShell'
    $scopes = [ordered] @{
        MachinePolicy = @{ Hive = 'LocalMachine'; Path = $policy }
        UserPolicy    = @{ Hive = 'CurrentUser'; Path = $policy }
        CurrentUser   = @{ Hive = 'CurrentUser'; Path = $shell }
        LocalMachine  = @{ Hive = 'LocalMachine'; Path = $shell }
    }
    $read = 0
    foreach ($scope in $scopes.Keys) {
        $place = $scopes[$scope]
        $key = Read-KanadeRegistry -Reading $Reading @place
        if (-not $key.Read) { continue }
        $read++
        $value = ConvertTo-KanadeText -Value $key.Values['ExecutionPolicy']
        if ($null -eq $value) { $value = 'Undefined' }
        # A policy may say that no script runs at all.
        if ($place.Path -eq $policy -and $null -ne $key.Values['EnableScripts'] -and $key.Values['EnableScripts'] -eq 0) { $value = 'Restricted' }
        [pscustomobject] @{ Scope = $scope; Policy = $value }
    }
    if ($read -eq 0) { return $null }
}

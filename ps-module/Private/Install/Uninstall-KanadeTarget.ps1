# Removes the agent from all these targets at once, and gives what became of each; what went wrong with one it says.
function Uninstall-KanadeTarget {
    [CmdletBinding()]
    [OutputType('Kanade.AgentRemoval')]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][psobject[]] $Target,
        [Parameter(Mandatory = $true)][bool] $RemoveData,
        [Parameter(Mandatory = $true)][bool] $Retire,
        [Parameter(Mandatory = $true)][double] $BusyTimeoutSec
    )

    $found = @{}
    $ready = foreach ($made in Invoke-KanadeCarried -Name Get-KanadeInstalledAgent -With Find-KanadeProduct, Get-KanadeKnownFolder, Get-KanadeMachineValue, Test-KanadeElevation -Target $Target) {
        $one = $made.Target
        if ($null -ne $made.Failure) { Write-KanadeInstallError -Cmdlet $Cmdlet -ComputerName $one.Name -Fault 'remoting_failed' -Detail $made.Failure.Exception.Message }
        elseif ($made.Value.Fault) { Write-KanadeInstallError -Cmdlet $Cmdlet -ComputerName $one.Name -Fault $made.Value.Fault }
        else {
            $property = @{}
            if ($RemoveData) { $property.REMOVE_DATA = '1' }
            $one.LogPath = $made.Value.LogPath
            $one.Argument = @{
                Argument       = [string[]] @(foreach ($code in $made.Value.Product) { Format-KanadeMsiArgument -Action Uninstall -Package $code -Property $property -LogPath $one.LogPath })
                BusyTimeoutSec = $BusyTimeoutSec
            }
            $found[$one] = $made.Value
            $one
        }
    }
    foreach ($done in Invoke-KanadeCarried -Name Uninstall-KanadePackage -With Invoke-KanadeMsiexec, Wait-KanadeMsiexec -Target @($ready)) {
        $one = $done.Target
        if ($null -ne $done.Failure) {
            Write-KanadeInstallError -Cmdlet $Cmdlet -ComputerName $one.Name -Fault 'remoting_failed' -Detail "what became of the removal is not known: $($done.Failure.Exception.Message)"
            continue
        }
        if ($done.Value.ExitCode -notin 0, 3010, 1641) {
            Write-KanadeInstallError -Cmdlet $Cmdlet -ComputerName $one.Name -Record (Get-KanadeMsiError -ExitCode $done.Value.ExitCode -Action Uninstall -Package 'Kanade Agent' -LogPath $one.LogPath -Where $one.Name)
            continue
        }
        $pc = ConvertTo-KanadePcId -Name $found[$one].PcId
        $retired = $false
        if ($Retire) {
            $retired = (Invoke-KanadeTargetCall -Cmdlet $Cmdlet -TargetObject $one.Name -Missing "No PC named $pc is enrolled." -Call @{ Method = 'DELETE'; Path = "/agents/$pc" }).Ok
        }
        [pscustomobject] @{
            PSTypeName    = 'Kanade.AgentRemoval'
            ComputerName  = $one.Name
            Version       = $found[$one].Version
            DataRemoved   = $RemoveData
            Retired       = $retired
            RestartNeeded = $done.Value.ExitCode -ne 0
            LogPath       = $one.LogPath
        }
    }
}

# Installs the package on all these targets at once, and gives what became of each; what went wrong with one it says.
function Install-KanadeTarget {
    [CmdletBinding()]
    [OutputType('Kanade.AgentInstallation')]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][psobject[]] $Target,
        # Of the package, here.
        [Parameter(Mandatory = $true)][string] $LiteralPath,
        [Parameter(Mandatory = $true)][string] $Sha256,
        # For the package.
        [Parameter(Mandatory = $true)][hashtable] $Property,
        [Parameter(Mandatory = $true)][bool] $RequireSignature,
        [Parameter(Mandatory = $true)][double] $BusyTimeoutSec,
        # Of the token that was made for this.
        [string] $TokenId
    )

    $name = [System.IO.Path]::GetFileName($LiteralPath)
    $ready = foreach ($made in Invoke-KanadeCarried -Name Initialize-KanadeInstallFolder -With Get-KanadeKnownFolder, Test-KanadeElevation -Target $Target) {
        $one = $made.Target
        if ($null -ne $made.Failure) { Write-KanadeInstallError -Cmdlet $Cmdlet -ComputerName $one.Name -Fault 'remoting_failed' -Detail $made.Failure.Exception.Message }
        elseif ($made.Value.Fault) { Write-KanadeInstallError -Cmdlet $Cmdlet -ComputerName $one.Name -Fault $made.Value.Fault }
        else {
            $one.File = Join-Path -Path $made.Value.Folder -ChildPath $name
            $one.LogPath = $made.Value.LogPath
            $one
        }
    }
    $ready = @($ready)
    $missing = @(Copy-KanadeFileToTarget -LiteralPath $LiteralPath -Target $ready)
    foreach ($one in $missing) {
        Write-KanadeInstallError -Cmdlet $Cmdlet -ComputerName $one.Target.Name -Fault 'not_copied' -Detail $one.Failure
        $one.Target.Argument = @{ Folder = [System.IO.Path]::GetDirectoryName($one.Target.File) }
    }
    # That it is not there to be removed is no news.
    if ($missing.Count -gt 0) { $null = Invoke-KanadeCarried -Name Clear-KanadeInstallFolder -Target @($missing.Target) }
    $ready = @($ready | Where-Object -FilterScript { $_ -notin @($missing | ForEach-Object -Process { $_.Target }) })
    $setting = @{}
    $names = @{ SERVER_URL = 'Server'; NATS_URL = 'NatsUrl'; ENROL_TOKEN = 'EnrolmentToken' }
    foreach ($key in $Property.Keys) { if ($names.ContainsKey($key)) { $setting[$names[$key]] = $Property[$key] } }
    foreach ($one in $ready) {
        $one.Argument = @{
            Path             = $one.File
            Sha256           = $Sha256
            RequireSignature = $RequireSignature
            Setting          = $setting
            Argument         = Format-KanadeMsiArgument -Action Install -Package $one.File -Property $Property -LogPath $one.LogPath
            BusyTimeoutSec   = $BusyTimeoutSec
        }
    }
    $with = 'Find-KanadeProduct', 'Get-KanadeFileSignature', 'Get-KanadeMachineValue', 'Get-KanadeServiceState', 'Invoke-KanadeMsiexec', 'Set-KanadeAgentSetting', 'Test-KanadeOwnRight', 'Wait-KanadeMsiexec'
    foreach ($done in Invoke-KanadeCarried -Name Install-KanadePackage -With $with -Target $ready) {
        $one = $done.Target
        if ($null -ne $done.Failure) {
            Write-KanadeInstallError -Cmdlet $Cmdlet -ComputerName $one.Name -Fault 'remoting_failed' -Detail "what became of the installation is not known: $($done.Failure.Exception.Message)"
            continue
        }
        $value = $done.Value
        if ($value.Fault) {
            Write-KanadeInstallError -Cmdlet $Cmdlet -ComputerName $one.Name -Fault $value.Fault -Detail $value.Detail
            continue
        }
        # 3010: to be restarted; 1641: is restarted.
        if ($value.ExitCode -notin 0, 3010, 1641) {
            Write-KanadeInstallError -Cmdlet $Cmdlet -ComputerName $one.Name -Record (Get-KanadeMsiError -ExitCode $value.ExitCode -Action Install -Package $name -LogPath $one.LogPath -Where $one.Name -Before $value.Before)
            continue
        }
        [pscustomobject] @{
            PSTypeName      = 'Kanade.AgentInstallation'
            ComputerName    = $one.Name
            Version         = $value.Version
            PreviousVersion = $value.Before
            Service         = $value.Service
            RestartNeeded   = $value.ExitCode -ne 0
            TokenId         = $TokenId
            LogPath         = $one.LogPath
        }
    }
}

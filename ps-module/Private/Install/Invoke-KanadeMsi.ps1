# Installs or removes a package of Windows Installer, here or in a session, and waits while another installation runs. Gives what it
# ended with; that it was not installed is an error.
function Invoke-KanadeMsi {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][ValidateSet('Install', 'Uninstall', 'Repair')][string] $Action,
        # The file of the package, by its full path where it is to be installed; or the code of the product.
        [Parameter(Mandatory = $true)][string] $Package,
        # Values by the names that the package gives them. No log shows those that it hides.
        [hashtable] $Property = @{},
        # Full path, where it is installed. The folder has to be there.
        [Parameter(Mandatory = $true)][string] $LogPath,
        [System.Management.Automation.Runspaces.PSSession] $Session,
        # Seconds to wait for another installation.
        [double] $BusyTimeoutSec = 600
    )

    if ($null -eq $Session) { Assert-KanadeInstaller }
    $where = if ($null -eq $Session) { 'this PC' } else { $Session.ComputerName }
    $arguments = Format-KanadeMsiArgument -Action $Action -Package $Package -Property $Property -LogPath $LogPath
    $watch = Get-KanadeWatch -TimeoutSec $BusyTimeoutSec
    $waited = $false
    try {
        while ($true) {
            $code = Invoke-KanadeMsiexec -Argument $arguments -Session $Session
            if ($code -ne 1618) { break }
            Write-Progress -Activity "$Action of $Package" -Status "Another installation runs on $where"
            $waited = $true
            if (-not (Wait-KanadePause -Watch $watch)) { break }
        }
    } finally {
        if ($waited) { Write-Progress -Activity "$Action of $Package" -Completed }
    }
    # 3010: to be restarted; 1641: is restarted.
    if ($code -in 0, 3010, 1641) {
        return [pscustomobject] @{ ExitCode = $code; RestartNeeded = $code -ne 0; LogPath = $LogPath }
    }
    throw (Get-KanadeMsiError -ExitCode $code -Action $Action -Package $Package -LogPath $LogPath -Where $where)
}

# On the PC itself: removes what Get-KanadeInstalledAgent has found. The exit code of msiexec, of the last that went wrong.
function Uninstall-KanadePackage {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        # Command lines of msiexec.
        [Parameter(Mandatory = $true)][string[]] $Argument,
        [Parameter(Mandatory = $true)][double] $BusyTimeoutSec
    )

    $worst = 0
    foreach ($one in $Argument) {
        $code = Wait-KanadeMsiexec -Argument $one -BusyTimeoutSec $BusyTimeoutSec
        # That a restart is to follow is said by any of them.
        if ($code -ne 0 -and ($worst -in 0, 3010, 1641 -or $code -notin 3010, 1641)) { $worst = $code }
    }
    return @{ ExitCode = $worst }
}

# Waits until the backend of this server answers its first admin.
function Wait-KanadeBackend {
    [CmdletBinding()]
    [OutputType([void])]
    param(
        # As Get-KanadeInstalledBackend gives it.
        [Parameter(Mandatory = $true)][psobject] $Backend,
        [Parameter(Mandatory = $true)][int] $TimeoutSec
    )

    $activity = "Kanade Backend $($Backend.Version)"
    $watch = Get-KanadeWatch -TimeoutSec $TimeoutSec
    try {
        while (-not (Test-KanadeBackend -Backend $Backend)) {
            Write-Progress -Activity $activity -Status 'It is not ready yet'
            if (Wait-KanadePause -Watch $watch) { continue }
            throw (Get-KanadeErrorRecord -Code 'backend_not_ready' -Category OperationTimeout -TargetObject $Backend.OwnUrl -Message "Kanade Backend is installed, and was not ready at $($Backend.OwnUrl) within $TimeoutSec s. It tries on; why, say the logs in $($Backend.LogFolder).")
        }
    } finally {
        Write-Progress -Activity $activity -Completed
    }
}

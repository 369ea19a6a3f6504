# The highest version that PCs with Windows may be updated to.
function Get-KanadeNewestRelease {
    [CmdletBinding()]
    [OutputType([string])]
    param()

    # The highest comes first.
    $newest = (Invoke-KanadeRestMethod -Path '/releases').items | Where-Object -FilterScript { $_.platform -eq 'win-x64' } | Select-Object -First 1
    if ($null -eq $newest) {
        throw (Get-KanadeErrorRecord -Code 'unknown_release' -Category ObjectNotFound -TargetObject 'win-x64' -Message 'No release for Windows was added.')
    }
    $newest.version
}

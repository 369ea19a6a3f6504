# The full path of a file as whoever has called the command would write it.
function Resolve-KanadeFile {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][string] $Path,
        [Parameter(Mandatory = $true)][System.Management.Automation.SessionState] $SessionState
    )

    $full = $SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
    if (-not [System.IO.File]::Exists($full)) {
        throw (Get-KanadeErrorRecord -Code 'file_not_found' -Category ObjectNotFound -TargetObject $Path -Message "There is no file '$full'.")
    }
    return $full
}

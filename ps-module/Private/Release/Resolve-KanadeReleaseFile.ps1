# The full paths of the files that a path means, with wildcards or without; an ErrorRecord when there are none.
function Resolve-KanadeReleaseFile {
    [CmdletBinding()]
    [OutputType([string])]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory = $true)][string] $Path,
        [Parameter(Mandatory = $true)][System.Management.Automation.SessionState] $SessionState
    )

    # What is there by just that name is meant by it, whatever is in it that could be a wildcard.
    $full = $SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
    if ([System.IO.File]::Exists($full)) { return $full }
    if (-not [System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters($Path)) {
        return Get-KanadeErrorRecord -Code 'file_not_found' -Category ObjectNotFound -TargetObject $Path -Message "There is no file '$full'."
    }
    $provider = $null
    $found = @($SessionState.Path.GetResolvedProviderPathFromPSPath($Path, [ref] $provider) | Where-Object -FilterScript { [System.IO.File]::Exists($_) })
    if ($found.Count -gt 0) { return $found }
    return Get-KanadeErrorRecord -Code 'file_not_found' -Category ObjectNotFound -TargetObject $Path -Message "No file is named like '$Path'."
}

# Where a report is to be written and in which format, or what stands against it.
function Resolve-KanadeReportFile {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory = $true)][string] $Path,
        [string] $Format,
        [switch] $Force,
        [Parameter(Mandatory = $true)][System.Management.Automation.SessionState] $SessionState
    )

    $provider = $null
    $drive = $null
    $full = $SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path, [ref] $provider, [ref] $drive)
    if ($provider.Name -ne 'FileSystem') {
        throw (Get-KanadeErrorRecord -Code 'invalid_path' -Category InvalidArgument -TargetObject $Path -Message "'$Path' is no path of a file.")
    }
    if (-not $Format) {
        $formats = @{ '.html' = 'Html'; '.htm' = 'Html'; '.csv' = 'Csv'; '.json' = 'Json' }
        $Format = $formats[[System.IO.Path]::GetExtension($full)]
        if (-not $Format) {
            throw (Get-KanadeErrorRecord -Code 'unknown_format' -Category InvalidArgument -TargetObject $Path -Message "'$Path' does not say the format: end it with .html, .csv or .json, or say -Format.")
        }
    }
    if (-not [System.IO.Directory]::Exists([System.IO.Path]::GetDirectoryName($full))) {
        throw (Get-KanadeErrorRecord -Code 'folder_not_found' -Category ObjectNotFound -TargetObject $Path -Message "There is no folder '$([System.IO.Path]::GetDirectoryName($full))'.")
    }
    if ([System.IO.Directory]::Exists($full)) {
        throw (Get-KanadeErrorRecord -Code 'invalid_path' -Category InvalidArgument -TargetObject $Path -Message "'$full' is a folder.")
    }
    if (-not $Force -and [System.IO.File]::Exists($full)) {
        throw (Get-KanadeErrorRecord -Code 'file_exists' -Category ResourceExists -TargetObject $Path -Message "'$full' is there already: -Force replaces it.")
    }
    return @{ Path = $full; Format = $Format }
}

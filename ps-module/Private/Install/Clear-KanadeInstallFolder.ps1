# On the PC itself: the folder that Initialize-KanadeInstallFolder has made, of a package that is not installed after all.
function Clear-KanadeInstallFolder {
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory = $true)][string] $Folder)

    [System.IO.Directory]::Delete($Folder, $true)
    return $true
}

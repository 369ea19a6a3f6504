# ProgramFiles, into which only administrators write; CommonApplicationData; Windows. '' for what is not there, as on Linux.
function Get-KanadeKnownFolder {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][string] $Name)

    return [System.Environment]::GetFolderPath([System.Environment+SpecialFolder] $Name)
}

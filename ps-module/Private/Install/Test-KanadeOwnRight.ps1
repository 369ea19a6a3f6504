# Whether these rights (SDDL) are of SYSTEM and administrators alone, as the package makes them.
function Test-KanadeOwnRight {
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory = $true)][string] $Sddl)

    return $Sddl -cmatch 'D:[A-Z]*(\([^()]*;;;(SY|BA)\))+\z'
}

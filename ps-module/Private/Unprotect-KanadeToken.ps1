# The token of Protect-KanadeToken.
function Unprotect-KanadeToken {
    [CmdletBinding()]
    [OutputType([securestring])]
    param([Parameter(Mandatory = $true)][string] $Protected)

    return ConvertTo-SecureString -String $Protected
}

# Text that only this user on this PC can turn back into the token, by DPAPI.
function Protect-KanadeToken {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][securestring] $Token)

    # Elsewhere ConvertFrom-SecureString only encodes.
    if ((Get-KanadePlatform) -ne 'Windows') {
        throw (Get-KanadeErrorRecord -Code 'dpapi_missing' -Category NotImplemented -Message 'Only Windows has DPAPI.')
    }
    return ConvertFrom-SecureString -SecureString $Token
}

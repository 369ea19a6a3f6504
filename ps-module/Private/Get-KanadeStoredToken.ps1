# The token of a stored context.
function Get-KanadeStoredToken {
    [CmdletBinding()]
    [OutputType([securestring])]
    param([Parameter(Mandatory = $true)][psobject] $Stored)

    try {
        if ($Stored.Store -eq 'SecretManagement') {
            $secret = Get-Secret -Name "Kanade.$($Stored.Name)" -Vault $Stored.Vault -ErrorAction Stop
            # The server lies in the vault as well: a token goes to no other.
            if ($secret -is [System.Management.Automation.PSCredential] -and $secret.UserName -eq $Stored.Server.AbsoluteUri) { return $secret.Password }
            throw "the vault $($Stored.Vault) holds something else."
        }
        return Unprotect-KanadeToken -Protected $Stored.Protected
    } catch {
        throw (Get-KanadeErrorRecord -Code 'context_unreadable' -Category SecurityError -TargetObject $Stored.Name -InnerException $_.Exception -Message "The token of the context $($Stored.Name) cannot be had: $($_.Exception.Message) Say -Token or -Credential, and -Save to store it anew.")
    }
}

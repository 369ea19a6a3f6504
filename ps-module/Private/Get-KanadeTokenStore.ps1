# What can keep a token here so that nobody else can read it: the default vault of SecretManagement, else DPAPI. Nothing where
# there is neither.
function Get-KanadeTokenStore {
    [CmdletBinding()]
    [OutputType([psobject])]
    param()

    if (Get-Command -Name Get-SecretVault -ErrorAction Ignore) {
        $vault = @(Get-SecretVault | Where-Object -FilterScript { $_.IsDefault })
        if ($vault.Count -gt 0) { return [pscustomobject] @{ Store = 'SecretManagement'; Vault = $vault[0].Name } }
    }
    if ((Get-KanadePlatform) -eq 'Windows') { return [pscustomobject] @{ Store = 'Dpapi'; Vault = $null } }
}

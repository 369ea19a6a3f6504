# Whom Connect-Kanade means, and with which token: what was said, else what the session or the store knows under the name,
# else what the environment says. A token that is known goes to its own server only.
function Resolve-KanadeConnection {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        # Of Connect-Kanade.
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Bound,
        [Parameter(Mandatory = $true)][string] $Name
    )

    $server = $null
    if ($Bound.ContainsKey('Server')) { $server = $Bound.Server }
    $token = $null
    if ($Bound.ContainsKey('Token')) { $token = $Bound.Token }
    if ($Bound.ContainsKey('Credential')) { $token = $Bound.Credential.Password }
    $says = $null -ne $server -or $null -ne $token
    $known = $null
    # For a script that runs unattended its environment counts, whatever its user has stored.
    if ($Bound.ContainsKey('Name') -or -not ($says -or $env:KANADE_SERVER -or $env:KANADE_TOKEN)) {
        $known = $script:KanadeContexts[$Name]
        if ($null -eq $known) { $known = Get-KanadeStoredContext -Name $Name }
        if ($null -eq $known -and $Bound.ContainsKey('Name') -and -not $says) {
            throw (Get-KanadeErrorRecord -Code 'context_not_found' -Category ObjectNotFound -TargetObject $Name -Message "There is no context named '$Name': say -Server and -Token to make it.")
        }
    }
    $allow = $Bound.ContainsKey('AllowUnencrypted') -and $Bound.AllowUnencrypted
    if ($null -eq $server -and $null -ne $known) {
        $server = $known.Server.AbsoluteUri
        $allow = $allow -or $known.AllowUnencrypted
    }
    $server = @($server, $env:KANADE_SERVER, 'http://127.0.0.1:8480' | Where-Object -FilterScript { $_ })[0]
    $uri = Resolve-KanadeServer -Server $server -AllowUnencrypted:$allow
    $ca = $null
    if ($Bound.ContainsKey('CaFile')) { $ca = Read-KanadeCa -LiteralPath $Bound.CaFile }
    elseif ($null -ne $known) { if ($known.Server -eq $uri) { $ca = $known.Ca } }
    elseif ($env:KANADE_TLS_CA) { $ca = Read-KanadeCa -LiteralPath $env:KANADE_TLS_CA }
    if ($null -eq $token -and $null -ne $known -and $known.Server -eq $uri) {
        if ($known.PSObject.Properties['Token']) { $token = $known.Token } else { $token = Get-KanadeStoredToken -Stored $known }
    }
    if ($null -eq $token -and $null -eq $known -and $env:KANADE_TOKEN) {
        # So does that of the environment: to the server that the environment names, or to one on this PC when it names none.
        $own = $uri.IsLoopback
        if ($env:KANADE_SERVER) { $own = $uri -eq (Resolve-KanadeServer -Server $env:KANADE_SERVER -AllowUnencrypted) }
        if (-not $own) {
            throw (Get-KanadeErrorRecord -Code 'token_missing' -Category AuthenticationError -TargetObject $server -Message "KANADE_TOKEN is not sent to ${uri}: it goes to the server that KANADE_SERVER names, or, when that is not set, to one on this PC. Set KANADE_SERVER to this one, or say -Token or -Credential.")
        }
        $token = ConvertTo-KanadeSecureString -Text $env:KANADE_TOKEN
    }
    if ($null -eq $token -or $token.Length -eq 0) {
        throw (Get-KanadeErrorRecord -Code 'token_missing' -Category AuthenticationError -TargetObject $server -Message 'A token is needed: say -Token or -Credential, or set KANADE_TOKEN.')
    }
    return [pscustomobject] @{
        PSTypeName       = 'Kanade.Context'
        Name             = $Name
        Server           = $uri
        Token            = $token
        Ca               = $ca
        AllowUnencrypted = [bool] $allow
        ConnectedAt      = Get-Date
    }
}

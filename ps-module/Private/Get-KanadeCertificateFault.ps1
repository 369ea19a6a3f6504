# What is wrong with the certificate of a server that was refused: a code, and words. .NET itself says little, and in Windows
# PowerShell nothing at all, so its certificate is fetched once more, over a connection on which nothing is sent.
function Get-KanadeCertificateFault {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][uri] $Uri,
        # PEM of the CA that it is to come from; without it what this PC trusts.
        [string] $Ca,
        [int] $TimeoutSec = 10
    )

    $server = $Uri.GetLeftPart([System.UriPartial]::Authority)
    $advice = 'Somebody else may be answering, or it has a CA of its own: then say -CaFile with a copy of that.'
    if ($Ca) { $advice = "It is not from $(Get-KanadeCaName -Ca $Ca): somebody else may be answering, or it was made anew and -CaFile has to be said with the new CA." }
    $fault = { param($Code, $Message) [pscustomobject] @{ Code = $Code; Message = $Message } }
    $untrusted = & $fault 'certificate_untrusted' "The certificate of $server is not trusted. $advice"
    # Says yes and notes what .NET thinks; an expression, for a script block cannot be asked on another thread.
    $x = [System.Linq.Expressions.Expression]
    $seen = New-Object -TypeName 'object[]' -ArgumentList 1
    $errors = $x::Parameter([System.Net.Security.SslPolicyErrors], 'errors')
    $parameters = [System.Linq.Expressions.ParameterExpression[]] @(
        $x::Parameter([object], 'sender')
        $x::Parameter([System.Security.Cryptography.X509Certificates.X509Certificate], 'certificate')
        $x::Parameter([System.Security.Cryptography.X509Certificates.X509Chain], 'chain')
        $errors
    )
    $note = $x::Assign($x::ArrayAccess($x::Constant($seen), [System.Linq.Expressions.Expression[]] @($x::Constant(0))), $x::Convert($errors, [object]))
    $body = $x::Block([System.Linq.Expressions.Expression[]] @($note, $x::Constant($true)))
    $check = $x::Lambda([System.Net.Security.RemoteCertificateValidationCallback], $body, $parameters).Compile()

    $client = New-Object -TypeName System.Net.Sockets.TcpClient
    $tls = $null
    try {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $failure = Wait-KanadeTask -Task $client.ConnectAsync($Uri.DnsSafeHost, $Uri.Port) -Clock $clock -TimeoutSec $TimeoutSec
        # Such as behind a proxy: what is known is that it was refused.
        if ($null -ne $failure) { return $untrusted }
        $tls = New-Object -TypeName System.Net.Security.SslStream -ArgumentList $client.GetStream(), $false, $check
        $protocols = [System.Security.Authentication.SslProtocols]::Tls12
        if ([System.Enum]::IsDefined([System.Security.Authentication.SslProtocols], 'Tls13')) { $protocols = $protocols -bor [System.Security.Authentication.SslProtocols]::Tls13 }
        $failure = Wait-KanadeTask -Task $tls.AuthenticateAsClientAsync($Uri.DnsSafeHost, $null, $protocols, $false) -Clock $clock -TimeoutSec $TimeoutSec
        if ($null -ne $failure) { return & $fault 'tls_missing' "$server does not speak TLS, or not a version that this PC knows: $($failure.GetBaseException().Message)" }
        $certificate = New-Object -TypeName System.Security.Cryptography.X509Certificates.X509Certificate2 -ArgumentList $tls.RemoteCertificate
        $now = Get-Date
        if ($now -gt $certificate.NotAfter) { return & $fault 'certificate_expired' "The certificate of $server has expired on $($certificate.NotAfter.ToString('u')), or the clock of this PC is wrong." }
        if ($now -lt $certificate.NotBefore) { return & $fault 'certificate_expired' "The certificate of $server counts from $($certificate.NotBefore.ToString('u')) only, or the clock of this PC is wrong." }
        if (([int] $seen[0] -band [int] [System.Net.Security.SslPolicyErrors]::RemoteCertificateNameMismatch) -ne 0) {
            return & $fault 'certificate_wrong_name' "The certificate of $server is for another name ($($certificate.GetNameInfo('DnsName', $false))). Connect by a name that it has, or set public_name on the backend."
        }
        return $untrusted
    } finally {
        if ($null -ne $tls) { $tls.Dispose() }
        $client.Dispose()
    }
}

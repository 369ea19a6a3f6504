# What decides on the certificate of a server when it is to come from a certain CA, whatever this PC trusts besides: it has to be for
# this server, count now, and have one of the given certificates in its chain.
# A script block cannot decide that, for .NET asks on a thread that runs none, and compiled code is what many PCs forbid: so it
# is put together as an expression. What it says, in C#:
#   ((int) errors & 3) == 0 && { chain.ChainPolicy...; if (!chain.Build(certificate)) return false; any element in the set }
function Get-KanadeCertificateCheck {
    [CmdletBinding()]
    [OutputType([System.Net.Security.RemoteCertificateValidationCallback])]
    param(
        # PEM.
        [Parameter(Mandatory = $true)][string] $Ca
    )

    # One for each CA: on Windows PowerShell it also says which connections may be shared.
    if ($script:KanadeCertificateChecks.ContainsKey($Ca)) { return $script:KanadeCertificateChecks[$Ca] }
    $anchors = New-Object -TypeName System.Security.Cryptography.X509Certificates.X509Certificate2Collection
    $raw = New-Object -TypeName 'System.Collections.Generic.HashSet[string]'
    foreach ($certificate in ConvertFrom-KanadePem -Text $Ca) {
        $null = $anchors.Add($certificate)
        $null = $raw.Add($certificate.GetRawCertDataString())
    }

    $x = [System.Linq.Expressions.Expression]
    $asked = $x::Parameter([object], 'sender')
    $shown = $x::Parameter([System.Security.Cryptography.X509Certificates.X509Certificate], 'certificate')
    $chain = $x::Parameter([System.Security.Cryptography.X509Certificates.X509Chain], 'chain')
    $errors = $x::Parameter([System.Net.Security.SslPolicyErrors], 'errors')
    $policy = $x::Property($chain, 'ChainPolicy')
    $store = $x::Property($policy, 'ExtraStore')
    # What .NET hands over is one, on Windows PowerShell and on PowerShell 7.
    $leaf = $x::Convert($shown, [System.Security.Cryptography.X509Certificates.X509Certificate2])
    $addRange = $store.Type.GetMethod('AddRange', [type[]] @([System.Security.Cryptography.X509Certificates.X509Certificate2Collection]))
    $build = $chain.Type.GetMethod('Build', [type[]] @([System.Security.Cryptography.X509Certificates.X509Certificate2]))

    # Nothing missing, and the right name: only its chain may be unknown to this PC.
    $named = $x::Equal($x::And($x::Convert($errors, [int]), $x::Constant(3)), $x::Constant(0))
    # An unknown root is no fault here, for it is looked at below; a wrong signature or time is.
    $prepare = [System.Linq.Expressions.Expression[]] @(
        $x::Assign($x::Property($policy, 'RevocationMode'), $x::Constant([System.Security.Cryptography.X509Certificates.X509RevocationMode]::NoCheck))
        $x::Assign($x::Property($policy, 'VerificationFlags'), $x::Constant([System.Security.Cryptography.X509Certificates.X509VerificationFlags]::AllowUnknownCertificateAuthority))
        $x::Call($store, $addRange, $x::Constant($anchors))
    )
    $elements = $x::Property($chain, 'ChainElements')
    $i = $x::Variable([int], 'i')
    $end = $x::Label([bool], 'end')
    $element = $x::Property($elements, $elements.Type.GetProperty('Item'), [System.Linq.Expressions.Expression[]] @($i))
    $bytes = $x::Call($x::Property($element, 'Certificate'), [System.Security.Cryptography.X509Certificates.X509Certificate].GetMethod('GetRawCertDataString', [type]::EmptyTypes))
    $known = $x::Call($x::Constant($raw), $raw.GetType().GetMethod('Contains', [type[]] @([string])), $bytes)
    $look = $x::Block(
        [System.Linq.Expressions.Expression[]] @(
            $x::IfThen($x::GreaterThanOrEqual($i, $x::Property($elements, 'Count')), $x::Break($end, $x::Constant($false)))
            $x::IfThen($known, $x::Break($end, $x::Constant($true)))
            $x::PreIncrementAssign($i)
        )
    )
    $anchored = $x::Block([System.Linq.Expressions.ParameterExpression[]] @($i), [System.Linq.Expressions.Expression[]] @($x::Assign($i, $x::Constant(0)), $x::Loop($look, $end)))
    $chained = $x::Block([System.Linq.Expressions.Expression[]] ($prepare + $x::AndAlso($x::Call($chain, $build, $leaf), $anchored)))
    $body = $x::AndAlso($named, $chained)
    $parameters = [System.Linq.Expressions.ParameterExpression[]] @($asked, $shown, $chain, $errors)
    $check = $x::Lambda([System.Net.Security.RemoteCertificateValidationCallback], $body, $parameters).Compile()
    $script:KanadeCertificateChecks[$Ca] = $check
    return $check
}

# The certificates in a text in PEM.
function ConvertFrom-KanadePem {
    [CmdletBinding()]
    [OutputType([System.Security.Cryptography.X509Certificates.X509Certificate2])]
    param([Parameter(Mandatory = $true)][AllowEmptyString()][string] $Text)

    foreach ($found in [regex]::Matches($Text, '-----BEGIN CERTIFICATE-----([^-]*)-----END CERTIFICATE-----')) {
        $bytes = [Convert]::FromBase64String(($found.Groups[1].Value -replace '\s', ''))
        New-Object -TypeName System.Security.Cryptography.X509Certificates.X509Certificate2 -ArgumentList (, $bytes)
    }
}

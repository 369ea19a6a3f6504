# What Windows makes of the signature of a file: a System.Management.Automation.SignatureStatus, and whose it is.
function Get-KanadeFileSignature {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory = $true)][string] $LiteralPath)

    $signature = Get-AuthenticodeSignature -LiteralPath $LiteralPath -ErrorAction Stop
    $signer = $null
    if ($null -ne $signature.SignerCertificate) { $signer = $signature.SignerCertificate.Subject }
    return @{ Status = "$($signature.Status)"; Signer = $signer; Message = $signature.StatusMessage }
}

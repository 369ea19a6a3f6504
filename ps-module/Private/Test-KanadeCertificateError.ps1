# Whether something is wrong with the certificate of a server: that does not pass by asking again.
function Test-KanadeCertificateError {
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory = $true)][System.Management.Automation.ErrorRecord] $ErrorRecord)

    return $ErrorRecord.FullyQualifiedErrorId -in 'Kanade.certificate_untrusted', 'Kanade.certificate_expired', 'Kanade.certificate_wrong_name', 'Kanade.tls_missing'
}

# There was no answer at all.
function ConvertTo-KanadeConnectionError {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory = $true)][System.Exception] $Exception,
        [Parameter(Mandatory = $true)][uri] $Uri,
        # PEM of the CA that the server's certificate is to come from.
        [string] $Ca
    )

    $server = $Uri.GetLeftPart([System.UriPartial]::Authority)
    $timedOut = $Exception -is [System.Net.WebException] -and $Exception.Status -eq [System.Net.WebExceptionStatus]::Timeout
    if ($timedOut) {
        return Get-KanadeErrorRecord -Code 'timed_out' -Category OperationTimeout -TargetObject $server -InnerException $Exception -Message "$server did not answer in time."
    }
    # Windows PowerShell says so by the status, PowerShell 7 by what is within.
    $trust = $Exception -is [System.Net.WebException] -and $Exception.Status -in 'TrustFailure', 'SecureChannelFailure'
    if ($Uri.Scheme -eq 'https' -and ($trust -or $Exception.GetBaseException() -is [System.Security.Authentication.AuthenticationException])) {
        $fault = Get-KanadeCertificateFault -Uri $Uri -Ca $Ca
        return Get-KanadeErrorRecord -Code $fault.Code -Category SecurityError -TargetObject $server -InnerException $Exception -Message $fault.Message
    }
    return Get-KanadeErrorRecord -Code 'unreachable' -Category ConnectionError -TargetObject $server -InnerException $Exception -Message "$server cannot be reached: $($Exception.Message)"
}

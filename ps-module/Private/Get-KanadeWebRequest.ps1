# A request that is ready to be sent.
# HttpWebRequest, because it is the one client that behaves alike in Windows PowerShell and in PowerShell 7: the others throw
# away the body of an error in 5.1, and decode text by rules of their own.
function Get-KanadeWebRequest {
    [CmdletBinding()]
    [OutputType([System.Net.HttpWebRequest])]
    param(
        [Parameter(Mandatory = $true)][uri] $Uri,
        [Parameter(Mandatory = $true)][string] $Method,
        [Parameter(Mandatory = $true)][securestring] $Token,
        # PEM of the CA that the server's certificate is to come from; without it what this PC trusts.
        [string] $Ca,
        [System.Collections.IDictionary] $Headers = @{},
        [string] $Accept = 'application/json, application/problem+json, text/plain;q=0.9, */*;q=0.1',
        [int] $TimeoutSec = 60
    )

    # Windows PowerShell on an older Windows would offer TLS 1.0 only. What is switched on besides stays so.
    if ($PSVersionTable.PSVersion.Major -lt 6) {
        [System.Net.ServicePointManager]::SecurityProtocol = [System.Net.ServicePointManager]::SecurityProtocol -bor [System.Net.SecurityProtocolType]::Tls12
    }
    $request = [System.Net.WebRequest]::Create($Uri)
    $request.Method = $Method
    # In the clear a proxy would read the token, and what is on this machine is not its business.
    if ($Uri.Scheme -eq 'http' -or $Uri.IsLoopback) { $request.Proxy = $null }
    if ($Ca) {
        $request.ServerCertificateValidationCallback = Get-KanadeCertificateCheck -Ca $Ca
        # Windows PowerShell shares connections, and one that another request has opened was checked against something else.
        $request.ConnectionGroupName = "Kanade $($Ca.GetHashCode())"
    }
    $request.Accept = $Accept
    $request.UserAgent = "Kanade-PowerShell/$($PSVersionTable.PSVersion)"
    # Reading what has begun to come; whoever waits for the rest has a clock of its own.
    $request.ReadWriteTimeout = $TimeoutSec * 1000
    # Windows PowerShell sends a request again by itself when a connection that was kept turns out to be closed: what must not be
    # done twice gets one of its own.
    $request.KeepAlive = $Method -eq 'GET' -or $Headers.Contains('Idempotency-Key')
    # The token is for this server only.
    $request.AllowAutoRedirect = $false
    $request.Headers['Authorization'] = 'Bearer ' + (New-Object -TypeName System.Net.NetworkCredential -ArgumentList '', $Token).Password
    foreach ($name in $Headers.Keys) { $request.Headers[$name] = $Headers[$name] }
    return $request
}

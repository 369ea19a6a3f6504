# What the server says the time is, minus what this PC says, in seconds: and that it can be reached. It is believed for what it is, a sign
# of life: whose certificate it shows is for the agent to check, which knows the CA.
function Get-KanadeServerClock {
    [CmdletBinding()]
    [OutputType([double])]
    param(
        [Parameter(Mandatory = $true)][uri] $Uri,
        [int] $TimeoutSec = 5
    )

    $client = New-Object -TypeName System.Net.Sockets.TcpClient
    try {
        if (-not $client.ConnectAsync($Uri.DnsSafeHost, $Uri.Port).Wait($TimeoutSec * 1000)) { throw "No answer within $TimeoutSec s." }
        $stream = $client.GetStream()
        $stream.ReadTimeout = $TimeoutSec * 1000
        $stream.WriteTimeout = $TimeoutSec * 1000
        if ($Uri.Scheme -eq 'https') {
            # On this thread, so that a script block can be asked.
            $stream = New-Object -TypeName System.Net.Security.SslStream -ArgumentList $stream, $false, ([System.Net.Security.RemoteCertificateValidationCallback] { $true })
            $stream.AuthenticateAsClient($Uri.DnsSafeHost, $null, [System.Security.Authentication.SslProtocols]::Tls12, $false)
        }
        $question = [System.Text.Encoding]::ASCII.GetBytes("GET /healthz HTTP/1.0`r`nHost: $($Uri.Authority)`r`n`r`n")
        $stream.Write($question, 0, $question.Length)
        $bytes = New-Object -TypeName 'byte[]' -ArgumentList 4096
        $text = ''
        while ($text.Length -lt 16384 -and -not $text.Contains("`r`n`r`n")) {
            $count = $stream.Read($bytes, 0, $bytes.Length)
            if ($count -eq 0) { break }
            $text += [System.Text.Encoding]::ASCII.GetString($bytes, 0, $count)
        }
        $now = [System.DateTimeOffset]::UtcNow
        if ($text -notmatch '(?m)^Date: (.+?)\r?$') { throw 'What answers there is no Kanade.' }
        return ([System.DateTimeOffset]::Parse($Matches[1], [System.Globalization.CultureInfo]::InvariantCulture) - $now).TotalSeconds
    } finally {
        $client.Dispose()
    }
}

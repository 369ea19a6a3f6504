# What a server tells over one connection, each event as it comes. State says what became of it: Heard anything, the Id to go
# on behind, whether it is Done, and the Answer when there was none to listen to. Nothing is thrown on the way.
function Receive-KanadeEvent {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][uri] $Uri,
        [Parameter(Mandatory = $true)][securestring] $Token,
        [string] $Ca,
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $State,
        # The server gives a sign of life every 20 s.
        [int] $TimeoutSec = 60
    )

    $headers = @{}
    if ($State.Id) { $headers['Last-Event-ID'] = $State.Id }
    $request = Get-KanadeWebRequest -Uri $Uri -Method GET -Token $Token -Ca $Ca -Headers $headers -Accept 'text/event-stream, application/problem+json' -TimeoutSec $TimeoutSec
    try {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $answering = $request.GetResponseAsync()
        $failure = Wait-KanadeTask -Task $answering -Clock $clock -TimeoutSec $TimeoutSec
        if ($null -ne $failure) {
            if ($failure -is [System.Net.WebException] -and $null -ne $failure.Response) { $State.Answer = Read-KanadeAnswer -Response $failure.Response -Request $request -TimeoutSec $TimeoutSec }
            else { $State.Answer = [pscustomobject] @{ Status = 0; Failure = $failure } }
            return
        }
        $stream = $answering.Result.GetResponseStream()
        $decoder = [System.Text.Encoding]::UTF8.GetDecoder()
        $bytes = New-Object -TypeName 'byte[]' -ArgumentList 16384
        $chars = New-Object -TypeName 'char[]' -ArgumentList 16384
        $text = ''
        while ($true) {
            $clock.Restart()
            $reading = $stream.ReadAsync($bytes, 0, $bytes.Length)
            $failure = Wait-KanadeTask -Task $reading -Clock $clock -TimeoutSec $TimeoutSec
            if ($null -ne $failure -or $reading.Result -eq 0) { return }
            $State.Heard = $true
            $text += [string]::new($chars, 0, $decoder.GetChars($bytes, 0, $reading.Result, $chars, 0))
            while (($end = $text.IndexOf("`n`n", [System.StringComparison]::Ordinal)) -ge 0) {
                $told = ConvertFrom-KanadeEventText -Text $text.Substring(0, $end)
                $text = $text.Substring($end + 2)
                if ($null -eq $told) { continue }
                if ($told.Id) { $State.Id = $told.Id }
                $State.Done = $told.Event -eq 'done'
                $told
                if ($State.Done) { return }
            }
        }
    } finally {
        # Also after Ctrl-C. To close it would wait for the rest.
        $request.Abort()
    }
}

# Gives an answer that is a success, or an ErrorRecord. Waits and tries again while the backend or its broker is away for a moment.
function Send-KanadeRequestAgain {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Exchange,
        [int] $Attempts = 1
    )

    # Seconds. Nobody waits longer at a prompt, whatever the server proposes.
    $longest = 10
    for ($attempt = 1; ; $attempt++) {
        $wait = 0.25 * [Math]::Pow(2, $attempt - 1)
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $answer = Send-KanadeRequest @Exchange
        $became = if ($answer.Status -eq 0) { "no answer ($($answer.Failure.Message))" } else { "$($answer.Status)" }
        Write-Verbose -Message "$($Exchange.Method) $($Exchange.Uri.PathAndQuery): $became in $($clock.ElapsedMilliseconds) ms"
        if ($answer.Status -eq 0) {
            $record = ConvertTo-KanadeConnectionError -Exception $answer.Failure -Uri $Exchange.Uri -Ca $Exchange.Ca
            if ($attempt -ge $Attempts -or (Test-KanadeCertificateError -ErrorRecord $record)) { return $record }
            Start-Sleep -Milliseconds ([int] ($wait * 1000))
            continue
        }
        if ($answer.Status -ge 200 -and $answer.Status -lt 300) { return $answer }
        $record = ConvertFrom-KanadeProblem -Answer $answer -Uri $Exchange.Uri
        # A script that still runs will not have ended a moment later.
        $passes = $answer.Status -in 429, 502, 503 -and $record.FullyQualifiedErrorId -ne 'Kanade.result_pending'
        if (-not $passes -or $attempt -ge $Attempts) { return $record }
        Start-Sleep -Milliseconds ([int] ([Math]::Min($longest, [Math]::Max($wait, $answer.RetryAfter)) * 1000))
    }
}

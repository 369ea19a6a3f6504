# The events of a stream until it is done, over as many connections as that takes; each goes on where the one before has
# ended. Throws when there is nothing to listen to, or when the backend does not come back for a minute.
function Watch-KanadeEvent {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][uri] $Uri,
        [Parameter(Mandatory = $true)][securestring] $Token,
        [string] $Ca
    )

    $state = @{ Id = $null }
    $misses = 0
    $patience = 4
    while ($true) {
        $state.Heard = $false
        $state.Done = $false
        $state.Answer = $null
        Write-Verbose -Message "GET $($Uri.PathAndQuery): listening to events$(if ($state.Id) { " behind $($state.Id)" })"
        Receive-KanadeEvent -Uri $Uri -Token $Token -Ca $Ca -State $state
        if ($state.Done) { return }
        if ($state.Heard) {
            $misses = 0
            # It was there, so a restart is the likeliest.
            $patience = 10
        }
        $misses++
        $answer = $state.Answer
        if ($null -eq $answer) {
            $failed = Get-KanadeErrorRecord -Code 'unreachable' -Category ConnectionError -TargetObject $Uri -Message "$Uri tells nothing any more."
        } elseif ($answer.Status -eq 0) {
            $failed = ConvertTo-KanadeConnectionError -Exception $answer.Failure -Uri $Uri -Ca $Ca
        } else {
            $failed = ConvertFrom-KanadeProblem -Answer $answer -Uri $Uri
            if ($answer.Status -notin 429, 502, 503) { throw $failed }
        }
        if ($misses -ge $patience -or (Test-KanadeCertificateError -ErrorRecord $failed)) { throw $failed }
        Start-Sleep -Milliseconds ([int] [Math]::Min(10000, 250 * [Math]::Pow(2, $misses - 1)))
    }
}

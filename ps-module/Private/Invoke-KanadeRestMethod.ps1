# The only function that speaks with the backend. Gives what was answered, of a list every item of every page; what went wrong
# is thrown as an ErrorRecord 'Kanade.<code>'.
# Tried again is only what may be done twice: reading, what changes nothing, and what carries an Idempotency-Key.
function Invoke-KanadeRestMethod {
    [CmdletBinding()]
    param(
        # Below /api/v1, every part escaped.
        [Parameter(Mandatory = $true)][string] $Path,
        [ValidateSet('GET', 'POST', 'PUT', 'DELETE')][string] $Method = 'GET',
        # What is $null is left out.
        [System.Collections.IDictionary] $Query = @{},
        # Of an inventory query: section.field, operator and value.
        [string[]] $Condition = @(),
        [System.Collections.IDictionary] $Body,
        # In place of Body: text that is sent as it is, and what it is.
        [string] $Text,
        [string] $ContentType = 'application/json',
        # In place of Body: the full path of a file that is sent as it is.
        [string] $InFile,
        [System.Collections.IDictionary] $Header = @{},
        [string] $IdempotencyKey,
        # Changes nothing, whatever its method.
        [switch] $Safe,
        # The answer is a list: all items, page by page, or so many of them.
        [switch] $All,
        [int] $First = [int]::MaxValue,
        # The answer as text; nothing when it is none, or not of the type that is asked for.
        [switch] $AsText,
        [string] $Accept = 'text/plain',
        # The answer is a stream of events: each as it comes, with Event, Data and Id, until the one that says done.
        [switch] $AsEvent,
        # Gives an ErrorRecord in place of throwing it, to whoever goes on: what is caught still shows in an -ErrorVariable.
        [switch] $PassError,
        [int] $TimeoutSec = 60,
        # Not tried again: somebody waits who would rather have nothing.
        [switch] $Once,
        # Default: the session's.
        [psobject] $Connection
    )

    if ($null -eq $Connection) { $Connection = Get-KanadeConnection }
    if ($AsEvent) {
        Watch-KanadeEvent -Uri (Join-KanadeUri -Server $Connection.Server -Path $Path -Query $Query) -Token $Connection.Token -Ca $Connection.Ca
        return
    }
    $headers = @{}
    foreach ($name in $Header.Keys) { $headers[$name] = $Header[$name] }
    if ($IdempotencyKey) { $headers['Idempotency-Key'] = $IdempotencyKey }
    $exchange = @{
        Method     = $Method
        Token      = $Connection.Token
        Ca         = $Connection.Ca
        Headers    = $headers
        TimeoutSec = $TimeoutSec
    }
    if ($null -ne $Body) {
        $exchange.Body = [System.Text.Encoding]::UTF8.GetBytes((ConvertTo-Json -InputObject $Body -Depth 64 -Compress))
    }
    if ($PSBoundParameters.ContainsKey('Text')) {
        $exchange.Body = [System.Text.Encoding]::UTF8.GetBytes($Text)
        $exchange.ContentType = "$ContentType; charset=utf-8"
    }
    if ($InFile) {
        $exchange.InFile = $InFile
        $exchange.ContentType = 'application/octet-stream'
    }
    if ($PSBoundParameters.ContainsKey('Accept')) { $exchange.Accept = $Accept }
    $attempts = 1
    if (-not $Once -and ($Method -eq 'GET' -or $Safe -or $IdempotencyKey)) { $attempts = 4 }

    $cursor = $null
    $left = $First
    do {
        $parameters = @{}
        foreach ($name in $Query.Keys) { $parameters[$name] = $Query[$name] }
        if ($All) { $parameters.limit = [Math]::Min(500, $left) }
        if ($cursor) { $parameters.cursor = $cursor }
        $exchange.Uri = Join-KanadeUri -Server $Connection.Server -Path $Path -Query $parameters -Condition $Condition
        $answer = Send-KanadeRequestAgain -Exchange $exchange -Attempts $attempts
        if ($answer -is [System.Management.Automation.ErrorRecord]) {
            if ($PassError) { return $answer }
            throw $answer
        }
        if ($AsText) {
            if ($answer.MediaType -eq $Accept) { [System.Text.Encoding]::UTF8.GetString($answer.Body) }
            return
        }
        if ($answer.Body.Length -eq 0) { return }
        $value = ConvertFrom-KanadeJson -Text ([System.Text.Encoding]::UTF8.GetString($answer.Body))
        if (-not $All) { return $value }
        $value.items
        $left -= @($value.items).Count
        $cursor = $value.next
    } while ($cursor -and $left -gt 0)
}

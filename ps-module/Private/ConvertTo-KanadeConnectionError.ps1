# There was no answer at all.
function ConvertTo-KanadeConnectionError {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory = $true)][System.Exception] $Exception,
        [Parameter(Mandatory = $true)][uri] $Uri
    )

    $server = $Uri.GetLeftPart([System.UriPartial]::Authority)
    $timedOut = $Exception -is [System.Net.WebException] -and $Exception.Status -eq [System.Net.WebExceptionStatus]::Timeout
    if ($timedOut) {
        return Get-KanadeErrorRecord -Code 'timed_out' -Category OperationTimeout -TargetObject $server -InnerException $Exception -Message "$server did not answer in time."
    }
    return Get-KanadeErrorRecord -Code 'unreachable' -Category ConnectionError -TargetObject $server -InnerException $Exception -Message "$server cannot be reached: $($Exception.Message)"
}

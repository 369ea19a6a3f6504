# The address without what follows host and port. A token is not sent in the clear over a network unless that is asked for.
function Resolve-KanadeServer {
    [CmdletBinding()]
    [OutputType([uri])]
    param(
        [Parameter(Mandatory = $true)][string] $Server,
        [switch] $AllowUnencrypted
    )

    $uri = $null
    $text = $Server.Trim()
    if ($text -notmatch '://') { $text = "https://$text" }
    if (-not [uri]::TryCreate($text, [System.UriKind]::Absolute, [ref] $uri) -or $uri.Scheme -notin 'http', 'https' -or $uri.UserInfo) {
        throw (Get-KanadeErrorRecord -Code 'invalid_server' -Category InvalidArgument -TargetObject $Server -Message "'$Server' is not an address such as https://kanade.example.com.")
    }
    if ($uri.Scheme -eq 'http' -and -not $uri.IsLoopback -and -not $AllowUnencrypted) {
        throw (Get-KanadeErrorRecord -Code 'unencrypted_server' -Category SecurityError -TargetObject $Server -Message "$uri is not encrypted: everybody on the way could read the token. Use https, or say -AllowUnencrypted.")
    }
    return [uri] $uri.GetLeftPart([System.UriPartial]::Authority)
}

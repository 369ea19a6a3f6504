function Join-KanadeUri {
    [CmdletBinding()]
    [OutputType([uri])]
    param(
        [Parameter(Mandatory = $true)][uri] $Server,
        [Parameter(Mandatory = $true)][string] $Path,
        [System.Collections.IDictionary] $Query = @{}
    )

    $pairs = foreach ($name in $Query.Keys | Sort-Object) {
        if ($null -ne $Query[$name]) { "$name=" + [uri]::EscapeDataString([string] $Query[$name]) }
    }
    $text = $Server.AbsoluteUri.TrimEnd('/') + '/api/v1' + $Path
    if ($pairs) { $text += '?' + ($pairs -join '&') }
    return [uri] $text
}

function Join-KanadeUri {
    [CmdletBinding()]
    [OutputType([uri])]
    param(
        [Parameter(Mandatory = $true)][uri] $Server,
        [Parameter(Mandatory = $true)][string] $Path,
        [System.Collections.IDictionary] $Query = @{},
        # Of an inventory query, as 'os.build>=22000': what lies before the '=' of its operator is a name; without one there is only a name.
        [string[]] $Condition = @()
    )

    $pairs = @()
    $pairs += foreach ($name in $Query.Keys | Sort-Object) {
        if ($null -ne $Query[$name]) { "$name=" + [uri]::EscapeDataString([string] $Query[$name]) }
    }
    $text = $Server.AbsoluteUri.TrimEnd('/') + '/api/v1' + $Path
    $pairs += foreach ($pair in $Condition) {
        if ($pair -match '\A([^=<>~]+[<>]?)=(.*)\z') { [uri]::EscapeDataString($Matches[1]) + '=' + [uri]::EscapeDataString($Matches[2]) }
        else { [uri]::EscapeDataString($pair) }
    }
    if ($pairs) { $text += '?' + ($pairs -join '&') }
    return [uri] $text
}

# How many a list gives: so many as were asked for. With -Since all, for nobody would see that the older ones are left out.
function Resolve-KanadeFirst {
    [CmdletBinding()]
    [OutputType([int])]
    param(
        # What the command was called with.
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Bound,
        # Its -First, with the default.
        [Parameter(Mandatory = $true)][int] $First
    )

    if ($Bound.ContainsKey('Since') -and -not $Bound.ContainsKey('First')) { return [int]::MaxValue }
    return $First
}

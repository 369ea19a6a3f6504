# So many PCs, in words.
function Format-KanadePcCount {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][AllowNull()][object] $Number)

    if ($Number -eq 1) { return '1 PC' }
    return "$Number PCs"
}

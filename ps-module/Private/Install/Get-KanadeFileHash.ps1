# SHA-256 in hex, small letters: as the server tells it and SHA256SUMS lists it.
function Get-KanadeFileHash {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][string] $LiteralPath)

    return (Get-FileHash -LiteralPath $LiteralPath -Algorithm SHA256).Hash.ToLowerInvariant()
}

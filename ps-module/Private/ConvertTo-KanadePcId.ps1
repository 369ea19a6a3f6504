# The id of a PC from its name: 'pc1.corp.example.com' is PC1. Nothing when it cannot be one.
function ConvertTo-KanadePcId {
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowEmptyString()][string] $Name)

    if ($Name.Trim() -match '^([A-Za-z0-9_-]{1,64})(?:\.[A-Za-z0-9_-]+)*\.?$') { return $Matches[1].ToUpperInvariant() }
}

# The id of an enrolment token. Whoever has found its text somewhere can name it by that: the secret in it goes nowhere.
function ConvertTo-KanadeTokenId {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][string] $Text)

    return $Text.Trim() -creplace '\Aket_([A-Za-z0-9]+)_.*\z', '$1'
}

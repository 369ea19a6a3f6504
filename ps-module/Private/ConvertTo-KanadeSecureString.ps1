# For a token that is text already, as in an environment variable.
function ConvertTo-KanadeSecureString {
    [CmdletBinding()]
    [OutputType([securestring])]
    param([Parameter(Mandatory = $true)][string] $Text)

    $secure = New-Object -TypeName securestring
    foreach ($char in $Text.Trim().ToCharArray()) { $secure.AppendChar($char) }
    $secure.MakeReadOnly()
    return $secure
}

# Text as firmware, registries and files have it, without what nobody sees; what says nothing is $null.
function ConvertTo-KanadeText {
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()][object] $Value)

    if ($null -eq $Value) { return $null }
    # Everything after a NUL is left over from before.
    $text = [regex]::Replace(([string] $Value).Split([char] 0)[0], '[\s\p{Cc}]+', ' ').Trim()
    if ($text -eq '') { return $null }
    return $text
}

# Texts in an order that is the same in every language, each once.
function Get-KanadeOrdinal {
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()][AllowEmptyCollection()][AllowEmptyString()][string[]] $Value)

    $set = New-Object -TypeName 'System.Collections.Generic.SortedSet[string]' -ArgumentList ([System.StringComparer]::Ordinal)
    foreach ($text in $Value) {
        if ($text) { $null = $set.Add($text) }
    }
    $set
}

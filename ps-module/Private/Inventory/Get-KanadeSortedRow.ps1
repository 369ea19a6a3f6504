# Rows by their key, and rows of the same key by all that they hold: equal states give equal text, on every PC, in every language.
function Get-KanadeSortedRow {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][object[]] $Row,
        [Parameter(Mandatory = $true)][string[]] $Key
    )

    $order = [string[]] @(foreach ($item in $Row) {
            $text = New-Object -TypeName System.Text.StringBuilder
            foreach ($name in $Key) { $null = $text.Append([string] $item.$name).Append([char] 0) }
            foreach ($property in $item.PSObject.Properties) { $null = $text.Append([string] ($property.Value -join [char] 1)).Append([char] 0) }
            $text.ToString()
        })
    $sorted = [object[]] @($Row)
    [array]::Sort($order, $sorted, [System.StringComparer]::Ordinal)
    $sorted
}

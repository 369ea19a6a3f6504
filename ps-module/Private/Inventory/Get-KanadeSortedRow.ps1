# Rows by their key, and rows of the same key by all that they hold: equal states give equal text, on every PC, in every language.
function Get-KanadeSortedRow {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][object[]] $Row,
        [Parameter(Mandatory = $true)][string[]] $Key
    )

    # With its place at the end of each.
    $order = [string[]] @(for ($i = 0; $i -lt $Row.Count; $i++) {
            $text = New-Object -TypeName System.Text.StringBuilder
            foreach ($name in $Key) { $null = $text.Append([string] $Row[$i].$name).Append([char] 0) }
            foreach ($property in $Row[$i].PSObject.Properties) { $null = $text.Append([string] ($property.Value -join [char] 1)).Append([char] 0) }
            $text.Append($i).ToString()
        })
    [array]::Sort($order, [System.StringComparer]::Ordinal)
    foreach ($text in $order) { $Row[[int] $text.Substring($text.LastIndexOf([char] 0) + 1)] }
}

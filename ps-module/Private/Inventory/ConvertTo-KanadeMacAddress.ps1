# 005056C00001 or 00-50-56-C0-00-01 -> 00:50:56:C0:00:01; $null of none.
function ConvertTo-KanadeMacAddress {
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()][object] $Value)

    $digits = [regex]::Replace("$Value", '[^0-9a-fA-F]', '').ToUpperInvariant()
    if ($digits.Length -ne 12 -or $digits -eq '000000000000') { return $null }
    return [regex]::Replace($digits, '(..)(?=.)', '$1:')
}

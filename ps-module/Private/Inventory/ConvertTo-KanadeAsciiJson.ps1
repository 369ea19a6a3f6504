# One line of JSON that no code page can spoil.
function ConvertTo-KanadeAsciiJson {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][AllowNull()][AllowEmptyCollection()][object] $Value)

    $json = ConvertTo-Json -InputObject $Value -Depth 8 -Compress
    # As JSON has outside of text no character that this finds, each of them can be escaped where it stands.
    [regex]::Replace($json, '[^ -~]', { param($match) '\u{0:x4}' -f [int] [char] $match.Value })
}

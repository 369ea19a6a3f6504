# What the CAs in a PEM are called; nothing when there is none.
function Get-KanadeCaName {
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()][AllowEmptyString()][string] $Ca)

    if ($Ca) { return @(ConvertFrom-KanadePem -Text $Ca | ForEach-Object -Process { $_.Subject }) -join '; ' }
}

# install_date -> InstallDate: what a field of JSON is called in PowerShell.
function ConvertTo-KanadePascalCase {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][string] $Name)

    -join @(foreach ($part in $Name.Split([char[]] '_', [System.StringSplitOptions]::RemoveEmptyEntries)) {
            $part.Substring(0, 1).ToUpperInvariant() + $part.Substring(1)
        })
}

# InstallDate -> install_date: what a property of PowerShell is called in JSON.
function ConvertTo-KanadeSnakeCase {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][string] $Name)

    [regex]::Replace($Name, '(?<!^)([A-Z])', '_$1').ToLowerInvariant()
}

# Says of a section what could not be read, and why.
function Add-KanadeFault {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][psobject] $Reading,
        # A CIM class, a registry key, a command, a file.
        [Parameter(Mandatory = $true)][string] $Source,
        [Parameter(Mandatory = $true)][ValidateSet('access_denied', 'timed_out', 'not_supported', 'failed')][string] $Code,
        [Parameter(Mandatory = $true)][AllowEmptyString()][string] $Message
    )

    $text = [regex]::Replace($Message, '\s+', ' ').Trim()
    $Reading.Faults.Add([pscustomobject] @{
            PSTypeName = 'Kanade.InventoryFault'
            Source     = $Source.Substring(0, [Math]::Min(256, $Source.Length))
            Code       = $Code
            Message    = $text.Substring(0, [Math]::Min(1024, $text.Length))
        })
}

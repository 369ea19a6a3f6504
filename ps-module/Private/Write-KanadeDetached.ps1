# Says how to come back to what nobody waits for any more. After Ctrl-C nothing can be written to a stream, only to the host.
function Write-KanadeDetached {
    [CmdletBinding()]
    [OutputType([void])]
    param([Parameter(Mandatory = $true)][string] $Message)

    $Host.UI.WriteWarningLine($Message)
}

# What inventory is collected of: Windows, Linux, or $null of anything else.
function Get-KanadePlatform {
    [CmdletBinding()]
    [OutputType([string])]
    param()

    if ([System.Environment]::OSVersion.Platform -eq [System.PlatformID]::Win32NT) { return 'Windows' }
    if ([System.IO.Directory]::Exists('/proc/self')) { return 'Linux' }
}

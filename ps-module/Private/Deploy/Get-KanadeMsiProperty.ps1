# The properties of a package of Windows Installer, and its package code as PackageCode. Windows Installer says them; elsewhere msiinfo does.
function Get-KanadeMsiProperty {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory = $true)][string] $Path)

    $found = @{}
    if ((Get-KanadePlatform) -ne 'Windows') {
        $lines = @(& msiinfo export $Path Property 2>&1)
        if ($LASTEXITCODE -ne 0) { throw "$lines".Trim() }
        foreach ($line in $lines) {
            $cells = "$line".TrimEnd("`r").Split("`t")
            if ($cells.Count -eq 2) { $found[$cells[0]] = $cells[1] }
        }
        $code = @(& msiinfo suminfo $Path) -match '^Revision number.*(\{[0-9A-F-]+\})'
        $found.PackageCode = [regex]::Match("$code", '\{[0-9A-F-]+\}').Value
        return $found
    }
    $installer = New-Object -ComObject 'WindowsInstaller.Installer'
    $call = { param($On, $How, $Name, $With) $On.GetType().InvokeMember($Name, $How, $null, $On, $With) }
    $database = & $call $installer 'InvokeMethod' 'OpenDatabase' @($Path, 0)
    $view = & $call $database 'InvokeMethod' 'OpenView' @('SELECT `Property`, `Value` FROM `Property`')
    try {
        $null = & $call $view 'InvokeMethod' 'Execute' $null
        while ($row = & $call $view 'InvokeMethod' 'Fetch' $null) {
            $found[(& $call $row 'GetProperty' 'StringData' @(1))] = & $call $row 'GetProperty' 'StringData' @(2)
        }
        $summary = & $call $database 'GetProperty' 'SummaryInformation' @(0)
        $found.PackageCode = & $call $summary 'GetProperty' 'Property' @(9)
    } finally {
        $null = & $call $view 'InvokeMethod' 'Close' $null
        # Else the file stays open for as long as this PowerShell runs.
        foreach ($object in $view, $database, $installer) { $null = [System.Runtime.InteropServices.Marshal]::ReleaseComObject($object) }
    }
    return $found
}

# The codes under which Windows Installer has the agent.
function Find-KanadeProduct {
    [CmdletBinding()]
    [OutputType([string])]
    param()

    $path = 'SOFTWARE\Microsoft\Windows\CurrentVersion\Uninstall'
    $base = [Microsoft.Win32.RegistryKey]::OpenBaseKey([Microsoft.Win32.RegistryHive]::LocalMachine, [Microsoft.Win32.RegistryView]::Registry64)
    try {
        $key = $base.OpenSubKey($path)
        foreach ($name in $key.GetSubKeyNames()) {
            if ($name -notmatch '\A\{[0-9A-Fa-f-]{36}\}\z') { continue }
            $one = $key.OpenSubKey($name)
            if ($one.GetValue('DisplayName') -eq 'Kanade Agent' -and $one.GetValue('Publisher') -eq 'Kanade' -and $one.GetValue('WindowsInstaller') -eq 1) { $name }
            $one.Dispose()
        }
        $key.Dispose()
    } finally {
        $base.Dispose()
    }
}

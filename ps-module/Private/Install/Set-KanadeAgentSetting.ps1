# On the PC itself: puts what the agent is told where the package puts it, of which the agent hears at once. Nothing is written, and it
# is $false, where others than SYSTEM and administrators could read the token.
function Set-KanadeAgentSetting {
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'None')]
    [OutputType([bool])]
    param(
        # By the names in the registry.
        [Parameter(Mandatory = $true)][hashtable] $Value
    )

    $access = [System.Security.AccessControl.AccessControlSections]::Access
    $base = [Microsoft.Win32.RegistryKey]::OpenBaseKey([Microsoft.Win32.RegistryHive]::LocalMachine, [Microsoft.Win32.RegistryView]::Registry64)
    $key = $null
    try {
        $key = $base.OpenSubKey('SOFTWARE\Kanade\Agent', $true)
        if (-not (Test-KanadeOwnRight -Sddl $key.GetAccessControl($access).GetSecurityDescriptorSddlForm($access))) { return $false }
        # The token last: it is of the server that stands there then.
        foreach ($name in 'Server', 'NatsUrl', 'EnrolmentToken') {
            if ($Value.ContainsKey($name) -and $PSCmdlet.ShouldProcess($name, 'Set')) { $key.SetValue($name, [string] $Value[$name], [Microsoft.Win32.RegistryValueKind]::String) }
        }
        return $true
    } finally {
        if ($null -ne $key) { $key.Dispose() }
        $base.Dispose()
    }
}

# Leaves a folder, and what will lie in it, to its user alone. Only Windows needs it: elsewhere no token lies in there.
function Protect-KanadeFolder {
    [CmdletBinding()]
    [OutputType([void])]
    param([Parameter(Mandatory = $true)][string] $LiteralPath)

    if ((Get-KanadePlatform) -ne 'Windows') { return }
    $user = [System.Security.Principal.WindowsIdentity]::GetCurrent().User
    $rule = New-Object -TypeName System.Security.AccessControl.FileSystemAccessRule -ArgumentList $user, 'FullControl', 'ContainerInherit, ObjectInherit', 'None', 'Allow'
    $acl = New-Object -TypeName System.Security.AccessControl.DirectorySecurity
    # Without what is inherited from above.
    $acl.SetAccessRuleProtection($true, $false)
    $acl.AddAccessRule($rule)
    Set-Acl -LiteralPath $LiteralPath -AclObject $acl
}

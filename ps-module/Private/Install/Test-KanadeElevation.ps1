# Whether this process may do what administrators may.
function Test-KanadeElevation {
    [CmdletBinding()]
    [OutputType([bool])]
    param()

    $user = New-Object -TypeName System.Security.Principal.WindowsPrincipal -ArgumentList ([System.Security.Principal.WindowsIdentity]::GetCurrent())
    return $user.IsInRole([System.Security.Principal.WindowsBuiltInRole]::Administrator)
}

# One entry of Uninstall; nothing of what Windows does not list: components, parts of others, and updates.
function ConvertTo-KanadeSoftware {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][hashtable] $Values,
        [AllowNull()][object] $Architecture,
        [AllowNull()][object] $User
    )

    $name = ConvertTo-KanadeText -Value $Values['DisplayName']
    if ($null -eq $name) { return }
    if ($Values['SystemComponent'] -eq 1 -or $Values['ParentKeyName'] -or $Values['ReleaseType']) { return }
    $scope = 'machine'
    if ($null -ne $User) { $scope = 'user' }
    [pscustomobject] @{
        Name             = $name
        Version          = ConvertTo-KanadeText -Value $Values['DisplayVersion']
        Publisher        = ConvertTo-KanadeText -Value $Values['Publisher']
        InstallDate      = ConvertTo-KanadeInstallDate -Value $Values['InstallDate']
        Architecture     = $Architecture
        Scope            = $scope
        User             = $User
        InstallLocation  = ConvertTo-KanadeText -Value "$($Values['InstallLocation'])".Trim(' ', '"')
        UninstallCommand = ConvertTo-KanadeText -Value $Values['UninstallString']
    }
}

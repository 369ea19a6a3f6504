# When the user of a session has signed in: the last time before its first process began.
function Get-KanadeLogonTime {
    [CmdletBinding()]
    [OutputType([datetime])]
    param(
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][object[]] $Logon,
        [Parameter(Mandatory = $true)][AllowNull()][AllowEmptyString()][string] $User,
        [AllowNull()][AllowEmptyString()][string] $Domain,
        [AllowNull()][object] $Before
    )

    if ($null -eq $Before) { return $null }
    $last = $null
    foreach ($one in $Logon) {
        if ($one.User -ne $User -or $one.Domain -ne $Domain -or $one.Time -gt $Before.AddSeconds(5)) { continue }
        if ($null -eq $last -or $one.Time -gt $last) { $last = $one.Time }
    }
    return $last
}

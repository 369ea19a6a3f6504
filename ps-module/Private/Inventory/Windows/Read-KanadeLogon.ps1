# When who has signed in at the PC or by remote desktop, of all that Windows still knows of, as an array; empty when it cannot be read.
function Read-KanadeLogon {
    [CmdletBinding()]
    [OutputType([object[]])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    # At the keyboard, by remote desktop, and each with the password that the PC remembers.
    $sessions = Read-KanadeCim -Reading $Reading -ClassName Win32_LogonSession -Property LogonId, StartTime -Filter 'LogonType=2 OR LogonType=10 OR LogonType=11 OR LogonType=12'
    $owners = Read-KanadeCim -Reading $Reading -ClassName Win32_LoggedOnUser -Property Antecedent, Dependent
    if ($null -eq $sessions -or $null -eq $owners) { return , @() }
    $times = @{}
    foreach ($session in $sessions) { $times["$($session.LogonId)"] = $session.StartTime }
    $logons = @(foreach ($owner in $owners) {
            $time = $times["$($owner.Dependent.LogonId)"]
            if ($null -ne $time) { [pscustomobject] @{ User = $owner.Antecedent.Name; Domain = $owner.Antecedent.Domain; Time = $time } }
        })
    return , $logons
}

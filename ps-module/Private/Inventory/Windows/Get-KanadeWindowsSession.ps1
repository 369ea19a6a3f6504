# Who is signed in. By the processes that a session of a person has from its beginning to its end, and their owner: what Windows
# lists as logon sessions are also those that ended long ago. Where a session is connected to is said by qwinsta alone; of its
# lines nothing is used that is translated. To ask the API behind it, C# would have to be compiled here, which
# application control forbids on many PCs and which looks like an attack on others.
function Get-KanadeWindowsSession {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $processes = Read-KanadeCim -Reading $Reading -ClassName Win32_Process -Property ProcessId, Name, SessionId, CreationDate -Filter "Name='sihost.exe' OR Name='explorer.exe' OR Name='rdpshell.exe' OR Name='taskhostw.exe'"
    if ($null -eq $processes) { return $null }
    # taskhostw runs for the system too, in session 0.
    $processes = @($processes | Where-Object -FilterScript { $_.SessionId -gt 0 } | Sort-Object -Property CreationDate, ProcessId)
    $stations = Read-KanadeStation -Reading $Reading
    $logons = Read-KanadeLogon -Reading $Reading
    foreach ($session in @($processes | Group-Object -Property SessionId)) {
        $owner = $null
        foreach ($process in $session.Group) {
            $owner = Read-KanadeCimMethod -Reading $Reading -ClassName Win32_Process -Filter "ProcessId=$($process.ProcessId)" -MethodName GetOwner
            if ($null -ne $owner) { break }
        }
        if ($null -eq $owner) { continue }
        $id = [int] $session.Group[0].SessionId
        $station = $null
        $state = $null
        if ($null -ne $stations) {
            $station = $stations[$id]
            # A session that is connected to nothing has no name there.
            if ($null -ne $station) { $state = 'active' } else { $state = 'disconnected' }
        }
        [pscustomobject] @{
            Id      = $id
            User    = $owner.User
            Domain  = $owner.Domain
            State   = $state
            Station = $station
            LogonAt = Get-KanadeLogonTime -Logon $logons -User $owner.User -Domain $owner.Domain -Before $session.Group[0].CreationDate
        }
    }
}

# The sessions that are connected to something: id -> console, rdp-tcp#1; $null when nobody can say.
function Read-KanadeStation {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    # What it is is found by a process of 32 bits only there.
    $folder = 'System32'
    if ([System.Environment]::Is64BitOperatingSystem -and -not [System.Environment]::Is64BitProcess) { $folder = 'Sysnative' }
    $lines = Read-KanadeSource -Reading $Reading -Source 'qwinsta' -Read {
        param($TimeoutSec)
        # It ends with 1 although all is well.
        Invoke-KanadeNative -FilePath "$env:SystemRoot\$folder\qwinsta.exe" -TimeoutSec $TimeoutSec -AnyExitCode
    }
    if ($null -eq $lines) { return $null }
    $stations = @{}
    foreach ($line in $lines) {
        # A mark, the name or nothing, the user or nothing, the id, and a state in the language of the PC.
        if ($line -match '^[ >](?<name>\S+)\s(?:.*\s)?(?<id>\d+)\s+[^\s\d]') { $stations[[int] $Matches['id']] = $Matches['name'].ToLowerInvariant() }
    }
    return $stations
}

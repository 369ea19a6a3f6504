# Of the registry: what each installer has written to be listed. Win32_Product would check every MSI, and repair some.
function Get-KanadeWindowsSoftware {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $path = 'Software\Microsoft\Windows\CurrentVersion\Uninstall'
    $architecture = Read-KanadeArchitecture -Reading $Reading
    $places = @(@{ Hive = 'LocalMachine'; Path = $path; View = 'Registry64'; Architecture = $architecture; User = $null })
    if ($architecture -ne 'x86') { $places += @{ Hive = 'LocalMachine'; Path = $path; View = 'Registry32'; Architecture = 'x86'; User = $null } }
    # Of whoever is signed in: other users' hives are not loaded.
    $users = Read-KanadeRegistry -Reading $Reading -Hive Users -Path ''
    foreach ($sid in $users.SubKeyNames) {
        # Accounts of people, of this PC, a domain or Entra; each has a second hive, of classes. Theirs is one place for 32 and 64 bits.
        if ($sid -match '^S-1-(5-21|12-1)-[\d-]+$') { $places += @{ Hive = 'Users'; Path = "$sid\$path"; View = 'Registry64'; Architecture = $null; User = $sid } }
    }
    $read = 0
    $seen = New-Object -TypeName 'System.Collections.Generic.HashSet[string]'
    foreach ($place in $places) {
        $keys = Read-KanadeRegistryChild -Reading $Reading -Hive $place.Hive -Path $place.Path -View $place.View
        if ($null -eq $keys) { continue }
        $read++
        foreach ($key in $keys) {
            $row = ConvertTo-KanadeSoftware -Values $key.Values -Architecture $place.Architecture -User $place.User
            # Written twice by its installer it is installed once.
            if ($null -ne $row -and $seen.Add((@($row.Name, $row.Version, $row.Publisher, $row.Architecture, $row.User) -join [char] 0))) { $row }
        }
    }
    if ($read -eq 0) { return $null }
}

# On the PC itself: a new folder for a package, into which users can put nothing in its place. Fault says why there is none.
function Initialize-KanadeInstallFolder {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param()

    $said = @{ Fault = $null; Folder = $null; LogPath = $null; ComputerName = [System.Environment]::MachineName }
    $root = Get-KanadeKnownFolder -Name ProgramFiles
    if (-not $root) {
        $said.Fault = 'windows_needed'
        return $said
    }
    if (-not (Test-KanadeElevation)) {
        $said.Fault = 'not_elevated'
        return $said
    }
    $id = [guid]::NewGuid().ToString('n')
    $said.Folder = [System.IO.Path]::Combine($root, "kanade-install-$id")
    $null = [System.IO.Directory]::CreateDirectory($said.Folder)
    $windows = Get-KanadeKnownFolder -Name Windows
    # Users can make files there too, and read those of nobody else: a name that nobody guesses.
    $said.LogPath = [System.IO.Path]::Combine($windows, 'Temp', "kanade-agent-$id.log")
    return $said
}

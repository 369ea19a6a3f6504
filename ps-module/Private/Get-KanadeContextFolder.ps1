# Where contexts are stored, below the profile of the user.
function Get-KanadeContextFolder {
    [CmdletBinding()]
    [OutputType([string])]
    param()

    # DoNotVerify: nothing where the folder is not there yet would be the current one.
    $local = [System.Environment]::GetFolderPath('LocalApplicationData', 'DoNotVerify')
    return [System.IO.Path]::Combine($local, 'Kanade', 'contexts')
}

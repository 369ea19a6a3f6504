# The text of the file that a job names as its script_file, or an ErrorRecord. A job may come from anywhere, and what it names
# is sent to the backend: so the file has to lie in the folder of the job, or in that of -ScriptRoot, and no link may lead out.
function Read-KanadeFileOfJob {
    [CmdletBinding()]
    param(
        # As Resolve-KanadeDocument gives it.
        [Parameter(Mandatory = $true)][psobject] $Document,
        [Parameter(Mandatory = $true)][string] $Name,
        [string] $ScriptRoot
    )

    # Backslashes are what people write on Windows, also in a repository that a Linux machine checks.
    $relative = $Name.Replace('\', [System.IO.Path]::DirectorySeparatorChar)
    $root = $ScriptRoot
    if (-not $root) { $root = $Document.Folder }
    if (-not $root) {
        return Get-KanadeErrorRecord -Code 'script_file_outside' -Category InvalidData -TargetObject $Name -Message "script_file is '$Name', and there is no folder to look in: say -ScriptRoot."
    }
    $folder = $Document.Folder
    if (-not $folder) { $folder = $root }
    $full = $null
    if (-not [System.IO.Path]::IsPathRooted($relative) -and $relative.IndexOf(':') -lt 0) {
        $full = [System.IO.Path]::GetFullPath((Join-Path -Path $folder -ChildPath $relative))
    }
    $inside = [System.IO.Path]::GetFullPath($root).TrimEnd([System.IO.Path]::DirectorySeparatorChar) + [System.IO.Path]::DirectorySeparatorChar
    # Elsewhere jobs and Jobs are two folders.
    $comparison = [System.StringComparison]::Ordinal
    if ([System.Environment]::OSVersion.Platform -eq 'Win32NT') { $comparison = [System.StringComparison]::OrdinalIgnoreCase }
    if ($null -eq $full -or -not $full.StartsWith($inside, $comparison)) {
        return Get-KanadeErrorRecord -Code 'script_file_outside' -Category InvalidData -TargetObject $Name -Message "script_file '$Name' does not lie in ${root}: say -ScriptRoot with a folder that holds both."
    }
    if (-not [System.IO.File]::Exists($full)) {
        return Get-KanadeErrorRecord -Code 'script_file_not_found' -Category InvalidData -TargetObject $full -Message "script_file '$Name' is not there: $full"
    }
    try {
        # The root may be a link, for its owner has named it; nothing below it.
        for ($path = $full; $path.Length -gt $inside.Length; $path = [System.IO.Path]::GetDirectoryName($path)) {
            if ([System.IO.File]::GetAttributes($path) -band [System.IO.FileAttributes]::ReparsePoint) {
                return Get-KanadeErrorRecord -Code 'script_file_outside' -Category InvalidData -TargetObject $Name -Message "script_file '$Name' is not taken: $path is a link, and may lead out of $root."
            }
        }
        return Read-KanadeTextFile -LiteralPath $full
    } catch {
        return Get-KanadeErrorRecord -Code 'script_file_unreadable' -Category InvalidData -TargetObject $full -InnerException $_.Exception -Message "$full cannot be read: $($_.Exception.GetBaseException().Message)"
    }
}

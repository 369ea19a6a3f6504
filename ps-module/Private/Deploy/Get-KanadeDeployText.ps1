# One of the scripts that are given to PCs by other means than Kanade, with what belongs between its marks. It is ASCII with the ends of
# lines of Windows, for Windows PowerShell reads a file without a byte order mark as ANSI.
function Get-KanadeDeployText {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][string] $Name,
        [hashtable] $Value = @{}
    )

    $text = [System.IO.File]::ReadAllText([System.IO.Path]::Combine($script:KanadeRoot, 'Deploy', "$Name.ps1.txt"))
    foreach ($mark in $Value.Keys) { $text = $text.Replace("@$mark@", [string] $Value[$mark]) }
    return $text.Replace("`r`n", "`n").Replace("`n", "`r`n")
}

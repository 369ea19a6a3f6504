# A text for Windows: ASCII, with its ends of lines.
function Write-KanadeDeployFile {
    [CmdletBinding()]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true)][string] $Folder,
        [Parameter(Mandatory = $true)][string] $Name,
        [Parameter(Mandatory = $true)][string] $Text
    )

    $lines = $Text.Replace("`r`n", "`n").Replace("`n", "`r`n")
    [System.IO.File]::WriteAllText([System.IO.Path]::Combine($Folder, $Name), $lines, [System.Text.Encoding]::ASCII)
}

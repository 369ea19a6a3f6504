# The lines of a file of /proc, /sys or /etc as an array; $null when it could not be read. A file that is not there has none.
function Read-KanadeFile {
    [CmdletBinding()]
    [OutputType([object[]])]
    param(
        [Parameter(Mandatory = $true)][psobject] $Reading,
        [Parameter(Mandatory = $true)][string] $Path
    )

    $lines = Read-KanadeSource -Reading $Reading -Source $Path -Read {
        param($TimeoutSec)
        Invoke-KanadeBounded -TimeoutSec $TimeoutSec -Parameter @{ Path = $Path } -ScriptBlock {
            param($Path)
            if ([System.IO.File]::Exists($Path)) { [System.IO.File]::ReadAllLines($Path) }
        }
    }
    if ($null -eq $lines) { return $null }
    return , $lines
}

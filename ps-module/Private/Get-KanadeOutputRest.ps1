# What a script wrote behind so many bytes, when its result has come in pieces: of those the tail tells nothing at its end.
function Get-KanadeOutputRest {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][string] $ResultId,
        [Parameter(Mandatory = $true)][ValidateSet('stdout', 'stderr')][string] $Name,
        [Parameter(Mandatory = $true)][long] $From
    )

    $path = '/results/' + [uri]::EscapeDataString($ResultId)
    $result = Invoke-KanadeRestMethod -Path $path -PassError
    if ($result -isnot [System.Management.Automation.ErrorRecord]) {
        if ($result."${Name}_bytes" -le $From -or ($result."${Name}_chunks" -eq 0 -and -not $result."${Name}_truncated")) { return '' }
        if (-not $result."${Name}_truncated") {
            $whole = Invoke-KanadeRestMethod -Path "$path/$Name" -AsText -PassError
            if ($whole -is [string]) {
                $bytes = [System.Text.Encoding]::UTF8.GetBytes($whole)
                return [System.Text.Encoding]::UTF8.GetString($bytes, [int] $From, $bytes.Length - [int] $From)
            }
        }
    }
    Write-Warning -Message "The end of $Name is missing here: Receive-KanadeExec gives what there is of it."
    return ''
}

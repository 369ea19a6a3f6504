# Whether the backend of this server answers its first admin. That it does not, for whatever reason, may pass: it has just been started.
function Test-KanadeBackend {
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory = $true)][psobject] $Backend)

    foreach ($file in $Backend.AdminTokenFile, $Backend.CaFile) {
        if ($file -and -not [System.IO.File]::Exists($file)) { return $false }
    }
    $bound = @{ Server = $Backend.OwnUrl; Token = ConvertTo-KanadeSecureString -Text ([System.IO.File]::ReadAllText($Backend.AdminTokenFile).Trim()) }
    if ($Backend.CaFile) { $bound.CaFile = $Backend.CaFile }
    $answer = Invoke-KanadeRestMethod -Path '/agents' -Query @{ limit = 1 } -Connection (Resolve-KanadeConnection -Bound $bound -Name 'installation') -PassError
    return @($answer | Where-Object -FilterScript { $_ -is [System.Management.Automation.ErrorRecord] }).Count -eq 0
}

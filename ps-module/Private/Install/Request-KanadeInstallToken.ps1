# A token for the PCs that a command is about to install: for so many, and for hours. As the API answers it.
function Request-KanadeInstallToken {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][int] $Uses,
        [AllowEmptyCollection()][AllowNull()][string[]] $Group,
        [Parameter(Mandatory = $true)][psobject] $Connection
    )

    $body = @{ uses = $Uses; expires_in = '4h'; description = "Install-KanadeAgent on $(Format-KanadePcCount -Number $Uses)" }
    if ($Group) { $body.groups = @($Group) }
    Invoke-KanadeRestMethod -Method POST -Path '/enrolment-tokens' -Body $body -Connection $Connection
}

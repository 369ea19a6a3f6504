# A token for the PCs that are about to be installed: for so many, and for hours. As the API answers it.
function Request-KanadeInstallToken {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][int] $Uses,
        # What it is for.
        [Parameter(Mandatory = $true)][string] $Description,
        [AllowEmptyCollection()][AllowNull()][string[]] $Group,
        [Parameter(Mandatory = $true)][psobject] $Connection
    )

    $body = @{ uses = $Uses; expires_in = '4h'; description = $Description }
    if ($Group) { $body.groups = @($Group) }
    Invoke-KanadeRestMethod -Method POST -Path '/enrolment-tokens' -Body $body -Connection $Connection
}

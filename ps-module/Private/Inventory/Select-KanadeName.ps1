# Which of the API's names an admin means by LocalAdmins, localadmins or local_admins; nothing when it is none of them.
function Select-KanadeName {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][string] $Name,
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][string[]] $From
    )

    # Two may differ by an underscore only.
    if ($Name -in $From) { return $Name.ToLowerInvariant() }
    $wanted = $Name.Replace('_', '')
    return $From | Where-Object -FilterScript { $_.Replace('_', '') -eq $wanted } | Select-Object -First 1
}

# Running, Stopped and so on; $null when the agent's service is not there.
function Get-KanadeServiceState {
    [CmdletBinding()]
    [OutputType([string])]
    param()

    $service = Get-Service -Name KanadeAgent -ErrorAction SilentlyContinue
    if ($null -eq $service) { return $null }
    return "$($service.Status)"
}

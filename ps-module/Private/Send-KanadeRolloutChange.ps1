# Does something to a rollout and gives it as it is then. That there is none, or that its state does not allow it, is an error
# of the command.
function Send-KanadeRolloutChange {
    [CmdletBinding()]
    [OutputType('Kanade.Rollout')]
    param(
        [Parameter(Mandatory = $true)][string] $RolloutId,
        [Parameter(Mandatory = $true)][ValidateSet('pause', 'resume', 'advance', 'abort')][string] $Change,
        [System.Collections.IDictionary] $Body = @{},
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet
    )

    $request = @{ Method = 'POST'; Path = '/rollouts/' + [uri]::EscapeDataString($RolloutId) + "/$Change" }
    if ($Body.Count -gt 0) { $request.Body = $Body }
    $rollout = Invoke-KanadeRestMethod @request -PassError
    if ($rollout -isnot [System.Management.Automation.ErrorRecord]) { return ConvertTo-KanadeRollout -InputObject $rollout }
    Write-KanadeError -Cmdlet $Cmdlet -Record $rollout -TargetObject $RolloutId -Missing "There is no rollout '$RolloutId'."
}

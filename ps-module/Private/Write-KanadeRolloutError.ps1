# An error that is of this rollout alone is one of the command's; any other would be said of the next one too, and is thrown.
function Write-KanadeRolloutError {
    [CmdletBinding()]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.ErrorRecord] $Record,
        [Parameter(Mandatory = $true)][string] $RolloutId,
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet
    )

    if ($Record.FullyQualifiedErrorId -match '^Kanade\.(?:not_found|invalid_id|http_404)\b') {
        $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'not_found' -Category ObjectNotFound -TargetObject $RolloutId -Message "There is no rollout '$RolloutId'."))
    } elseif ($Record.FullyQualifiedErrorId -match '^Kanade\.(rollout_state|rollout_corrupt)\b') {
        $Cmdlet.WriteError((Get-KanadeErrorRecord -Code $Matches[1] -Category $Record.CategoryInfo.Category -TargetObject $RolloutId -Message $Record.Exception.Message))
    } else {
        throw $Record
    }
}

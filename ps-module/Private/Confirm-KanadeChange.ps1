# Whether a change that is felt at once or hard to take back is to be made: for commands whose ConfirmImpact is High. As
# ShouldProcess, but where nobody can be asked it ends the command in place of waiting for ever.
function Confirm-KanadeChange {
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][string] $Target,
        [Parameter(Mandatory = $true)][string] $Action
    )

    $bound = $Cmdlet.MyInvocation.BoundParameters
    if ($WhatIfPreference -or ($bound.ContainsKey('Confirm') -and -not $bound['Confirm'])) { return $Cmdlet.ShouldProcess($Target, $Action) }
    # A script's own preference is not heard within a module, unless it is looked for.
    if (-not $bound.ContainsKey('Confirm') -and "$($Cmdlet.SessionState.PSVariable.GetValue('ConfirmPreference', 'High'))" -eq 'None') { return $true }
    if (Test-KanadePrompt) {
        try {
            return $Cmdlet.ShouldProcess($Target, $Action)
        } catch [System.Management.Automation.PipelineStoppedException] {
            throw
        } catch {
            # -NonInteractive, or a host without a prompt.
            Write-Debug -Message "The host does not ask: $_"
        }
    }
    $Cmdlet.ThrowTerminatingError((Get-KanadeErrorRecord -Code 'confirmation_needed' -Category PermissionDenied -TargetObject $Target -Message "$Action $Target is to be confirmed, and nobody can be asked here: say -Confirm:`$false."))
}

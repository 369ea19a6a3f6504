# Ends a command that is about to ask where nobody can be asked, in place of waiting for ever: for commands whose ConfirmImpact is
# High, right before they ask.
function Assert-KanadePrompt {
    [CmdletBinding()]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][string] $Target,
        [Parameter(Mandatory = $true)][string] $Action
    )

    if ($WhatIfPreference) { return }
    $bound = $Cmdlet.MyInvocation.BoundParameters
    if ($bound.ContainsKey('Confirm')) {
        if (-not $bound['Confirm']) { return }
    } elseif ("$($Cmdlet.SessionState.PSVariable.GetValue('ConfirmPreference', 'High'))" -eq 'None') {
        # What a script prefers is not heard within a module, unless the command is told.
        Set-Variable -Name ConfirmPreference -Value ([System.Management.Automation.ConfirmImpact]::None) -Scope 1
        return
    }
    if (Test-KanadePrompt) { return }
    $Cmdlet.ThrowTerminatingError((Get-KanadeErrorRecord -Code 'confirmation_needed' -Category PermissionDenied -TargetObject $Target -Message "$Action $Target is to be confirmed, and nobody can be asked here: say -Confirm:`$false."))
}

function New-KanadeCommandKey {
    <#
    .SYNOPSIS
        Makes a further key by which the backend signs what PCs obey, in place of the one before.
    .DESCRIPTION
        The key is of the backend that answers. It signs after -ActivateIn, by when PCs have learnt it; what its predecessor has signed
        counts for -Overlap longer. What is signed and still of use is signed anew. Without parameters that is a rotation of ten days that
        nobody notices. When somebody may have a key, say 0s for both: PCs that are on hear of it within minutes, others when they renew
        their identity, and until then refuse what is new to them. Revoke-KanadeCommandKey is for the keys of other backends.
    .PARAMETER ActivateIn
        After what time the key signs: text such as 12h or 2d, a number of seconds, or a time span; up to 90 days. Default: 2d.
    .PARAMETER Overlap
        How long what the predecessor has signed counts after that, up to 90 days. Default: 8d, for no command lives longer.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks first; that is the default. -Confirm:$false does not ask.
    .EXAMPLE
        New-KanadeCommandKey

        Begins a rotation.
    .EXAMPLE
        New-KanadeCommandKey -ActivateIn 0s -Overlap 0s

        Replaces a key that somebody may have, at once.
    .INPUTS
        None
    .OUTPUTS
        Kanade.CommandKey
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('Kanade.CommandKey')]
    param(
        [object] $ActivateIn = '2d',

        [object] $Overlap = '8d'
    )

    try {
        $body = @{
            activate_in = ConvertTo-KanadeDuration -Value $ActivateIn -Name 'ActivateIn'
            overlap     = ConvertTo-KanadeDuration -Value $Overlap -Name 'Overlap'
        }
        $what = "command key that signs after $($body.activate_in), and its predecessor counts $($body.overlap) longer"
        Assert-KanadePrompt -Cmdlet $PSCmdlet -Target $what -Action 'Make'
        if (-not $PSCmdlet.ShouldProcess($what, 'Make')) { return }
        Invoke-KanadeRestMethod -Method POST -Path '/command-keys' -Body $body | ConvertTo-KanadeCommandKey
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}

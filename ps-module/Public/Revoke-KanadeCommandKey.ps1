function Revoke-KanadeCommandKey {
    <#
    .SYNOPSIS
        Retires keys by which backends sign what PCs obey: for those of a backend that is gone, or that somebody may have.
    .DESCRIPTION
        What the key has signed counts no longer, for good; what is still of use is signed anew by another key first. Any backend may retire
        the keys of another. The key by which the backend that answers signs itself is replaced by New-KanadeCommandKey.
        Keys that are not known, or cannot be retired now (Kanade.command_key_state), are errors of their own, and the others are done.
    .PARAMETER KeyId
        The keys, also from the pipeline.
    .PARAMETER After
        Only after that time: text such as 12h or 2d, a number of seconds, or a time span; up to 90 days. Default: at once.
    .PARAMETER PassThru
        Gives each key as it is now.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks for each; that is the default. -Confirm:$false does not ask.
    .EXAMPLE
        Revoke-KanadeCommandKey -KeyId 3f9a2c41d7e0

        Asks, and retires a key at once.
    .EXAMPLE
        Get-KanadeCommandKey | Where-Object -Property BackendId -EQ b2 | Revoke-KanadeCommandKey

        Retires the keys of a backend that is gone.
    .INPUTS
        System.String, or any object with a KeyId, such as a Kanade.CommandKey.
    .OUTPUTS
        Kanade.CommandKey with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('Kanade.CommandKey')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id')]
        [string[]] $KeyId,

        [object] $After = '0s',

        [switch] $PassThru
    )

    begin {
        try {
            $delay = ConvertTo-KanadeDuration -Value $After -Name 'After'
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }

    process {
        foreach ($id in $KeyId) {
            Assert-KanadePrompt -Cmdlet $PSCmdlet -Target "command key $id" -Action 'Retire'
            if (-not $PSCmdlet.ShouldProcess("command key $id", 'Retire')) { continue }
            $done = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "There is no command key '$id'." -Call @{ Method = 'POST'; Path = "/command-keys/$([uri]::EscapeDataString($id))/retire"; Body = @{ after = $delay } }
            if ($done.Ok -and $PassThru) { ConvertTo-KanadeCommandKey -InputObject $done.Value }
        }
    }
}

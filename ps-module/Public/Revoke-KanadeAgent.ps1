function Revoke-KanadeAgent {
    <#
    .SYNOPSIS
        Takes the identity of PCs away: for one that is stolen.
    .DESCRIPTION
        The key of the PC opens nothing from now on, and its connection ends. What is queued for it stays queued. With an enrolment token
        it may come back with another key, and waits for Approve-KanadeEnrolment then. Remove-KanadeAgent is for a PC that does not come
        back at all.
        PCs that are not known or never had an identity are errors of their own, and the others are done. Kanade.revocation_pending says
        that it is done, and that a part of the broker has yet to confirm it: the backend goes on by itself.
    .PARAMETER ComputerName
        The PCs. Of a full name the first label counts, whatever its case. Takes names and objects with a Name, DNSHostName,
        PSComputerName or pc_id from the pipeline, such as those of Get-KanadeAgent.
    .PARAMETER PassThru
        Gives each PC as it is now.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks for each; that is the default. -Confirm:$false does not ask.
    .EXAMPLE
        Revoke-KanadeAgent -ComputerName PC1

        Asks, and locks a stolen PC out.
    .EXAMPLE
        Get-KanadeGroupMember -Group Room12 | Revoke-KanadeAgent -Confirm:$false -PassThru

        Locks the PCs of a room out without asking.
    .INPUTS
        System.String, or any object with a ComputerName, Name, DNSHostName, PSComputerName or pc_id.
    .OUTPUTS
        Kanade.Agent with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('Kanade.Agent')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Name', 'DNSHostName', 'PSComputerName', 'pc_id')]
        [string[]] $ComputerName,

        [switch] $PassThru
    )

    begin {
        $asks = Test-KanadeQuestion -Cmdlet $PSCmdlet
    }

    process {
        foreach ($name in $ComputerName) {
            $pc = Resolve-KanadePcId -Cmdlet $PSCmdlet -Name $name
            if (-not $pc) { continue }
            $what = $pc
            if ($asks) {
                $what = Resolve-KanadeAgentTarget -Cmdlet $PSCmdlet -Pc $pc -Name $name
                if (-not $what) { continue }
            }
            Assert-KanadePrompt -Cmdlet $PSCmdlet -Target $what -Action 'Revoke the identity of'
            if (-not $PSCmdlet.ShouldProcess($what, 'Revoke the identity')) { continue }
            $done = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $name -Missing "No PC named $pc is enrolled." -Call @{ Method = 'POST'; Path = "/agents/$pc/revoke" }
            if ($done.Ok -and $PassThru) { Get-KanadeAgent -ComputerName $pc }
        }
    }
}

function Revoke-KanadeAgent {
    <#
    .SYNOPSIS
        Takes the identity of PCs away: for one that is stolen.
    .DESCRIPTION
        The key of the PC opens nothing from now on, for good, and its connection ends. What is queued for it stays queued. There is one way
        back, also after a mistake: the PC is given another enrolment token (in its settings file, where it reads it anew; elsewhere its
        agent is to be started again), comes with another key, and waits for Approve-KanadeEnrolment. Remove-KanadeAgent is for a PC that does not come
        back at all.
        PCs that are not known or never had an identity are errors of their own, and the others are done. Kanade.revocation_pending says
        that it is done, and that a part of the broker has yet to confirm it: the backend goes on by itself.
    .PARAMETER ComputerName
        The PCs. Of a full name the first label counts, whatever its case. Takes names and objects with a Name, DNSHostName,
        PSComputerName or pc_id from the pipeline, such as those of Get-KanadeAgent.
    .PARAMETER PassThru
        Gives each PC as it is now.
    .PARAMETER Force
        Does not ask how many PCs are meant, which -Confirm:$false alone does when there are more than $KanadeConfirmThreshold (20): where
        nobody can be asked that is the error Kanade.confirmation_needed, and nothing is done.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks for each; that is the default. -Confirm:$false does not ask about each.
    .EXAMPLE
        Revoke-KanadeAgent -ComputerName PC1

        Asks, and locks a stolen PC out.
    .EXAMPLE
        Get-KanadeAgent -TokenId 3f9a2c41d7e0 | Revoke-KanadeAgent

        Asks, and locks out whatever has come in by an enrolment token that others had.
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

        [switch] $PassThru,

        [switch] $Force
    )

    begin {
        $names = [System.Collections.Generic.List[string]]::new()
    }

    process {
        $names.AddRange($ComputerName)
    }

    end {
        Resolve-KanadeAgentChoice -Cmdlet $PSCmdlet -Name $names -Action 'Revoke the identity of' -Force:$Force | ForEach-Object -Process {
            $target = $_
            Assert-KanadePrompt -Cmdlet $PSCmdlet -Target $target.What -Action 'Revoke the identity of'
            if ($PSCmdlet.ShouldProcess($target.What, 'Revoke the identity')) {
                $done = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $target.Name -Missing "No PC named $($target.Pc) is enrolled." -Call @{ Method = 'POST'; Path = "/agents/$($target.Pc)/revoke" }
                if ($done.Ok -and $PassThru) { Get-KanadeAgent -ComputerName $target.Pc }
            }
        }
    }
}

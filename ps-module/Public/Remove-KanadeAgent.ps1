function Remove-KanadeAgent {
    <#
    .SYNOPSIS
        Retires PCs: for those that do not come back.
    .DESCRIPTION
        What is queued for the PC is cancelled, what runs there counts as lost until its result says otherwise, its key opens nothing any
        more, and it is admitted no more. Its results stay, and so does its name: whoever comes for that waits for
        Approve-KanadeEnrolment, or comes after Restore-KanadeAgent. Get-KanadeAgent -Retired lists the retired PCs.
        PCs that are not known are errors of their own, and the others are retired. One that is retired already stays so.
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
        Remove-KanadeAgent -ComputerName PC1

        Asks, and retires a PC.
    .EXAMPLE
        Get-KanadeAgent -Online:$false | Where-Object -Property LastSeen -LT (Get-Date).AddDays(-180) | Remove-KanadeAgent -WhatIf

        Which PCs have been off for half a year, and what is queued for them; without -WhatIf they are retired.
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
        Resolve-KanadeAgentChoice -Cmdlet $PSCmdlet -Name $names -Action 'Retire' -Queue -Force:$Force | ForEach-Object -Process {
            $target = $_
            Assert-KanadePrompt -Cmdlet $PSCmdlet -Target $target.What -Action 'Retire'
            if ($PSCmdlet.ShouldProcess($target.What, 'Retire')) {
                $done = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $target.Name -Missing "No PC named $($target.Pc) is enrolled." -Call @{ Method = 'DELETE'; Path = "/agents/$($target.Pc)" }
                if ($done.Ok -and $PassThru) { Get-KanadeAgent -ComputerName $target.Pc }
            }
        }
    }
}

function Restore-KanadeAgent {
    <#
    .SYNOPSIS
        Frees the names of retired PCs, so that a PC can enrol under them as if new.
    .DESCRIPTION
        Takes back that Remove-KanadeAgent keeps the name of a retired PC from everybody. Any PC with a good enrolment token can have the
        name then; the key that the retired PC had stays revoked. Nothing that was sent before runs there.
        PCs that are not known or not retired are errors of their own, and the others are done. The old name of a PC that was renamed is
        not free for 31 days: that is the error Kanade.pc_id_taken.
    .PARAMETER ComputerName
        The PCs. Of a full name the first label counts, whatever its case. Takes names and objects with a Name, DNSHostName,
        PSComputerName or pc_id from the pipeline, such as those of Get-KanadeAgent.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks for each.
    .EXAMPLE
        Restore-KanadeAgent -ComputerName PC1

        Lets a PC that was retired by mistake enrol again, with a new token.
    .EXAMPLE
        Get-KanadeAgent -Retired | Where-Object -Property RetiredAt -LT (Get-Date).AddYears(-1) | Restore-KanadeAgent -Confirm

        Asks for each name that nobody has had for a year.
    .INPUTS
        System.String, or any object with a ComputerName, Name, DNSHostName, PSComputerName or pc_id.
    .OUTPUTS
        None
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Name', 'DNSHostName', 'PSComputerName', 'pc_id')]
        [string[]] $ComputerName
    )

    process {
        foreach ($name in $ComputerName) {
            $pc = Resolve-KanadePcId -Cmdlet $PSCmdlet -Name $name
            if (-not $pc) { continue }
            if (-not $PSCmdlet.ShouldProcess($pc, 'Free the name')) { continue }
            $null = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $name -Missing "No PC named $pc is known." -Call @{ Method = 'POST'; Path = "/agents/$pc/readmit" }
        }
    }
}

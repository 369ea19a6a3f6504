function Rename-KanadeAgent {
    <#
    .SYNOPSIS
        Gives PCs another name here.
    .DESCRIPTION
        The PC keeps its key and its groups, and learns of its new name by itself; what Windows calls it stays as it is. What is queued for
        the old name is cancelled, what runs counts as lost until its result says otherwise, and nobody else can have the old name for
        31 days. Its results stay under the old name.
        What cannot be done is an error of its own, and the others are renamed: PCs that are not known, retired, revoked or without an
        identity, and names that another PC has or had (Kanade.pc_id_taken).
    .PARAMETER ComputerName
        The PC. Of a full name the first label counts, whatever its case.
    .PARAMETER NewName
        What it is called from now on.
    .PARAMETER PassThru
        Gives the PC under its new name.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks for each; that is the default. -Confirm:$false does not ask.
    .EXAMPLE
        Rename-KanadeAgent -ComputerName PC1 -NewName LAB-07

        Asks, and renames a PC.
    .EXAMPLE
        Import-Csv -Path .\names.csv | Rename-KanadeAgent -Confirm:$false -PassThru

        Renames the PCs of a list with the columns ComputerName and NewName.
    .INPUTS
        Any object with a ComputerName, Name, DNSHostName, PSComputerName or pc_id, and a NewName.
    .OUTPUTS
        Kanade.Agent with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('Kanade.Agent')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipelineByPropertyName = $true)]
        [Alias('Name', 'DNSHostName', 'PSComputerName', 'pc_id')]
        [string] $ComputerName,

        [Parameter(Mandatory = $true, Position = 1, ValueFromPipelineByPropertyName = $true)]
        [string] $NewName,

        [switch] $PassThru
    )

    process {
        $pc = Resolve-KanadePcId -Cmdlet $PSCmdlet -Name $ComputerName
        $to = Resolve-KanadePcId -Cmdlet $PSCmdlet -Name $NewName
        if (-not $pc -or -not $to) { return }
        $what = $pc
        if (Test-KanadeQuestion -Cmdlet $PSCmdlet) {
            $what = Resolve-KanadeAgentTarget -Cmdlet $PSCmdlet -Pc $pc -Name $ComputerName -Queue
            if (-not $what) { return }
        }
        Assert-KanadePrompt -Cmdlet $PSCmdlet -Target $what -Action "Rename to $to"
        if (-not $PSCmdlet.ShouldProcess($what, "Rename to $to")) { return }
        $done = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $ComputerName -Missing "No PC named $pc is enrolled." -Call @{ Method = 'POST'; Path = "/agents/$pc/rename"; Body = @{ pc_id = $to } }
        if ($done.Ok -and $PassThru) { Get-KanadeAgent -ComputerName $done.Value.pc_id }
    }
}

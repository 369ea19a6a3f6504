function Remove-KanadeGroupMember {
    <#
    .SYNOPSIS
        Takes PCs out of groups.
    .DESCRIPTION
        A PC that is not in a group stays out of it. A group whose last member goes is not there any more.
        Whatever else changes the groups of the PC at the same moment is kept. A PC that is not known is an error of its own, and the others are done.
    .PARAMETER ComputerName
        The PCs. Of a full name the first label counts, whatever its case. Takes names and objects with a Name, DNSHostName,
        PSComputerName or pc_id from the pipeline, such as those of Get-KanadeAgent and Get-KanadeGroupMember.
    .PARAMETER Group
        The groups. Upper and lower case are the same.
    .PARAMETER PassThru
        Gives each PC with each of the groups it is not in any more.
    .PARAMETER WhatIf
        Says which PCs would be changed, and changes nothing.
    .PARAMETER Confirm
        Asks for each PC.
    .EXAMPLE
        Remove-KanadeGroupMember -Group Canary -ComputerName PC1

        Takes a PC out of a group.
    .EXAMPLE
        Get-KanadeGroupMember -Group Old | Remove-KanadeGroupMember

        Takes every PC out of a group, which is then no more.
    .INPUTS
        System.String, or any object with a ComputerName, Name, DNSHostName, PSComputerName or pc_id, and perhaps a Group.
    .OUTPUTS
        Kanade.GroupMember with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType('Kanade.GroupMember')]
    param(
        [Parameter(Mandatory = $true, Position = 1, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Name', 'DNSHostName', 'PSComputerName', 'pc_id')]
        [string[]] $ComputerName,

        [Parameter(Mandatory = $true, Position = 0, ValueFromPipelineByPropertyName = $true)]
        [string[]] $Group,

        [switch] $PassThru
    )

    process {
        foreach ($name in $ComputerName) {
            $pc = Resolve-KanadePcId -Cmdlet $PSCmdlet -Name $name
            if (-not $pc) { continue }
            if (-not $PSCmdlet.ShouldProcess($pc, "Remove from group $($Group -join ', ')")) { continue }
            if (-not (Edit-KanadePcGroup -Cmdlet $PSCmdlet -Pc $pc -Remove $Group) -or -not $PassThru) { continue }
            $agent = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $name -Call @{ Path = "/agents/$pc" }
            if ($agent.Ok) { foreach ($one in $Group) { ConvertTo-KanadeGroupMember -Group $one -InputObject $agent.Value } }
        }
    }
}

function Add-KanadeGroupMember {
    <#
    .SYNOPSIS
        Puts PCs into groups.
    .DESCRIPTION
        A group is there as soon as it has a member. A PC that is in a group already stays in it.
        Whatever else changes the groups of the PC at the same moment is kept. A PC that is not known is an error of its own, and the others are done.
    .PARAMETER ComputerName
        The PCs. Of a full name the first label counts, whatever its case. Takes names and objects with a Name, DNSHostName,
        PSComputerName or pc_id from the pipeline, such as those of Get-KanadeAgent and Get-KanadeGroupMember.
    .PARAMETER Group
        The groups: letters, digits, "_" and "-", up to 64 of them. Upper and lower case are the same.
    .PARAMETER PassThru
        Gives each PC with each of the groups.
    .PARAMETER WhatIf
        Says which PCs would be changed, and changes nothing.
    .PARAMETER Confirm
        Asks for each PC.
    .EXAMPLE
        Get-KanadeAgent -Search LAB | Add-KanadeGroupMember -Group Lab

        Puts every PC with LAB in its name into the group Lab.
    .EXAMPLE
        Add-KanadeGroupMember -Group Canary, Office -ComputerName PC1, PC2

        Puts two PCs into two groups.
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
            if (-not $PSCmdlet.ShouldProcess($pc, "Add to group $($Group -join ', ')")) { continue }
            if (-not (Edit-KanadePcGroup -Cmdlet $PSCmdlet -Pc $pc -Add $Group) -or -not $PassThru) { continue }
            $agent = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $name -Call @{ Path = "/agents/$pc" }
            if ($agent.Ok) { foreach ($one in $Group) { ConvertTo-KanadeGroupMember -Group $one -InputObject $agent.Value } }
        }
    }
}

function Get-KanadeGroupMember {
    <#
    .SYNOPSIS
        Gets the PCs of groups, and whether they are online.
    .DESCRIPTION
        Gives one object for each PC of each group; they go down the pipeline into Invoke-KanadeExec and the other commands that take
        PCs. A group that is not there is an error of its own, and the others are given.
    .PARAMETER Group
        The groups, also from the pipeline. Upper and lower case are the same.
    .EXAMPLE
        Get-KanadeGroupMember -Group Lab | Invoke-KanadeExec -ScriptBlock { Restart-Service -Name Spooler } -Wait

        Runs something on the PCs of a group.
    .EXAMPLE
        Get-KanadeGroupMember -Group Old | Remove-KanadeGroupMember -PassThru | Add-KanadeGroupMember -Group New

        Moves all PCs of a group to another.
    .INPUTS
        System.String, or any object with a Group, such as those of Get-KanadeGroup.
    .OUTPUTS
        Kanade.GroupMember
    #>
    [CmdletBinding()]
    [OutputType('Kanade.GroupMember')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [string[]] $Group
    )

    process {
        foreach ($name in $Group) {
            $missing = "There is no group '$name'."
            $listed = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $name -Missing $missing -Call @{ Path = '/agents'; Query = @{ group = $name }; All = $true }
            # In a group that asks the inventory may be nobody.
            if ($listed.Ok) { $listed.Value | Where-Object -FilterScript { $null -ne $_ } | ConvertTo-KanadeGroupMember -Group $name }
        }
    }
}

function Remove-KanadeGroup {
    <#
    .SYNOPSIS
        Deletes dynamic groups.
    .DESCRIPTION
        The PCs stay as they are. A schedule whose target the group is finds nobody from then on. A group without a query is deleted by
        taking its last member out of it, see Remove-KanadeGroupMember.
        Names that are not known are errors of their own, and the others are deleted.
    .PARAMETER Group
        The groups, also from the pipeline. Upper and lower case are the same.
    .PARAMETER WhatIf
        Says what would be deleted, and deletes nothing.
    .PARAMETER Confirm
        Asks for each; that is the default. -Confirm:$false does not ask.
    .EXAMPLE
        Remove-KanadeGroup -Group win11

        Asks, and deletes a group.
    .EXAMPLE
        Get-KanadeGroup | Where-Object -FilterScript { $_.Kind -eq 'dynamic' -and $_.Members -eq 0 } | Remove-KanadeGroup -Confirm:$false

        Deletes the dynamic groups that no PC is in, without asking.
    .INPUTS
        System.String, or any object with a Group, such as those of Get-KanadeGroup.
    .OUTPUTS
        None
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Name')]
        [string[]] $Group
    )

    process {
        foreach ($name in $Group) {
            if (-not $PSCmdlet.ShouldProcess("group $name", 'Delete')) { continue }
            $null = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $name -Missing "There is no dynamic group '$name'." -Call @{ Method = 'DELETE'; Path = "/groups/$([uri]::EscapeDataString($name))" }
        }
    }
}

function Remove-KanadeGroup {
    <#
    .SYNOPSIS
        Deletes dynamic groups.
    .DESCRIPTION
        The PCs stay as they are. A schedule whose target the group is finds nobody from then on. A group without a query is deleted by
        taking its last member out of it, see Remove-KanadeGroupMember; here it is the error Kanade.group_kind, also with -WhatIf.
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
            $target = @{ Cmdlet = $PSCmdlet; TargetObject = $name; Missing = "There is no dynamic group '$name'." }
            $path = "/groups/$([uri]::EscapeDataString($name))"
            try {
                $known = Invoke-KanadeRestMethod -Path $path -PassError
            } catch {
                $PSCmdlet.ThrowTerminatingError($_)
            }
            $members = 'nobody knows how many PCs are in it'
            # What is wrong is said before it is asked about, and with -WhatIf as well.
            if ($known -is [System.Management.Automation.ErrorRecord]) {
                # What is stored of it cannot be read: it can be deleted all the same.
                if ($known.FullyQualifiedErrorId -notlike 'Kanade.group_corrupt*') {
                    Write-KanadeError -Cmdlet $PSCmdlet -Record $known -TargetObject $name -Missing $target.Missing
                    continue
                }
            } elseif ($known.kind -ne 'dynamic') {
                $PSCmdlet.WriteError((Get-KanadeErrorRecord -Code 'group_kind' -Category InvalidOperation -TargetObject $name -Message "The group $name is static: it goes with its last member. Remove-KanadeGroupMember takes PCs out of it."))
                continue
            } elseif ($null -ne $known.members) {
                $members = "of $(Format-KanadePcCount -Number @($known.members).Count)"
            }
            Assert-KanadePrompt -Cmdlet $PSCmdlet -Target "group $name ($members)" -Action 'Delete'
            if (-not $PSCmdlet.ShouldProcess("group $name ($members)", 'Delete')) { continue }
            $null = Invoke-KanadeTargetCall @target -Call @{ Method = 'DELETE'; Path = $path }
        }
    }
}

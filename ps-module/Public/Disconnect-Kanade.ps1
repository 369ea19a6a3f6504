function Disconnect-Kanade {
    <#
    .SYNOPSIS
        Forgets the backend this PowerShell session is connected with, or contexts that are stored.
    .DESCRIPTION
        Without a name it forgets address and token of the connection the commands talk to; what is stored stays. With names it forgets
        these contexts in the session and on disk, their tokens included. What was submitted goes on.
    .PARAMETER Name
        The contexts to forget, also from the pipeline.
    .PARAMETER WhatIf
        Says what would be forgotten, and forgets nothing.
    .PARAMETER Confirm
        Asks before it forgets.
    .EXAMPLE
        Disconnect-Kanade

        The next command says that there is no connection, unless KANADE_SERVER and KANADE_TOKEN are set.
    .EXAMPLE
        Disconnect-Kanade -Name prod

        Forgets prod, also on disk.
    .EXAMPLE
        Get-KanadeContext -ListAvailable | Disconnect-Kanade

        Forgets every context there is.
    .INPUTS
        System.String, or any object with a Name, such as a Kanade.Context.
    .OUTPUTS
        None
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType([void])]
    param(
        [Parameter(Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [string[]] $Name
    )

    process {
        if (-not $PSBoundParameters.ContainsKey('Name')) {
            if ($null -eq $script:KanadeContext -or -not $PSCmdlet.ShouldProcess("$($script:KanadeContext.Server)", 'Disconnect')) { return }
            # Not disposed of: a token that was handed over belongs to whoever did so.
            $script:KanadeContexts.Remove($script:KanadeContext.Name)
            $script:KanadeContext = $null
            return
        }
        foreach ($one in $Name) {
            $stored = Get-KanadeStoredContext -Name ([System.Management.Automation.WildcardPattern]::Escape($one))
            $connection = $script:KanadeContexts[$one]
            if ($null -eq $stored -and $null -eq $connection) {
                $PSCmdlet.WriteError((Get-KanadeErrorRecord -Code 'context_not_found' -Category ObjectNotFound -TargetObject $one -Message "There is no context named '$one'."))
                continue
            }
            if (-not $PSCmdlet.ShouldProcess("context $one", 'Forget')) { continue }
            try {
                if ($null -ne $stored) { Remove-KanadeStoredContext -Stored $stored }
            } catch {
                $PSCmdlet.WriteError($_)
            }
            $script:KanadeContexts.Remove($one)
            if ($null -ne $connection -and $script:KanadeContext -eq $connection) { $script:KanadeContext = $null }
        }
    }
}

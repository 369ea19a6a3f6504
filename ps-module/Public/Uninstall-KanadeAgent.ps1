function Uninstall-KanadeAgent {
    <#
    .SYNOPSIS
        Removes the agent from this PC, or from others by PowerShell remoting.
    .DESCRIPTION
        What the PC knows stays: installed again it is the PC it was. -RemoveData removes that too, and then it enrols anew. To the
        backend it is a PC that is off, until -Retire, or Remove-KanadeAgent, says that it does not come back.
        Without -ComputerName and -Session it removes from this PC, and takes an elevated PowerShell. What is wrong with one PC is an error
        of its own, and the others are done.
    .PARAMETER ComputerName
        PCs, by the names by which this one reaches them. Takes names and objects with a DNSHostName, Name or PSComputerName from the
        pipeline, such as those of Get-ADComputer.
    .PARAMETER Session
        Sessions that are open, of New-PSSession. They stay open.
    .PARAMETER Credential
        Of an administrator of the other PCs.
    .PARAMETER UseSSL
        By HTTPS, for which each PC needs a listener: outside of a domain that is how it knows whom it speaks with.
    .PARAMETER Port
        Of the listener. Default: 5985, with -UseSSL 5986.
    .PARAMETER SessionOption
        Of New-PSSessionOption, such as for a proxy.
    .PARAMETER ThrottleLimit
        How many PCs at once. Default: 16.
    .PARAMETER RemoveData
        Removes identity, settings, logs and results that were not sent, too.
    .PARAMETER Retire
        Has the backend forget the PC, once the agent is removed, as Remove-KanadeAgent does.
    .PARAMETER BusyTimeoutSec
        How long to wait for another installation that runs on the PC. Default: 600.
    .PARAMETER Force
        Does not ask how many PCs are meant, which -Confirm:$false alone does when there are more than $KanadeConfirmThreshold (20): where
        nobody can be asked that is the error Kanade.confirmation_needed, and nothing is done.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks for each; that is the default. -Confirm:$false does not ask about each.
    .EXAMPLE
        Uninstall-KanadeAgent

        Asks, and removes the agent from this PC, which may get it again.
    .EXAMPLE
        Uninstall-KanadeAgent -ComputerName PC1, PC2 -RemoveData -Retire -Confirm:$false

        Removes all trace of it from two PCs, and both from the backend.
    .INPUTS
        System.String, or any object with a ComputerName, DNSHostName, Name or PSComputerName.
    .OUTPUTS
        Kanade.AgentRemoval
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', DefaultParameterSetName = 'Local')]
    [OutputType('Kanade.AgentRemoval')]
    param(
        [Parameter(ParameterSetName = 'ComputerName', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('DNSHostName', 'Name', 'PSComputerName')]
        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [Parameter(ParameterSetName = 'Session', Mandatory = $true)]
        [System.Management.Automation.Runspaces.PSSession[]] $Session,

        [Parameter(ParameterSetName = 'ComputerName')]
        [System.Management.Automation.PSCredential]
        [System.Management.Automation.Credential()]
        $Credential,

        [Parameter(ParameterSetName = 'ComputerName')]
        [switch] $UseSSL,

        [Parameter(ParameterSetName = 'ComputerName')]
        [ValidateRange(1, 65535)]
        [int] $Port,

        [Parameter(ParameterSetName = 'ComputerName')]
        [System.Management.Automation.Remoting.PSSessionOption] $SessionOption,

        [Parameter(ParameterSetName = 'ComputerName')]
        [Parameter(ParameterSetName = 'Session')]
        [ValidateRange(1, 256)]
        [int] $ThrottleLimit = 16,

        [switch] $RemoveData,

        [switch] $Retire,

        [ValidateRange(0, 86400)]
        [int] $BusyTimeoutSec = 600,

        [switch] $Force
    )

    begin {
        $names = [System.Collections.Generic.List[string]]::new()
    }

    process {
        if ($ComputerName) { $names.AddRange($ComputerName) }
    }

    end {
        try {
            $all = @(Resolve-KanadeInstallTarget -ComputerName $names -Session $Session)
            if (-not (Confirm-KanadeTarget -Cmdlet $PSCmdlet -Action 'Remove the agent from' -Number $all.Count -Force:$Force -WhenUnasked)) { return }
            $action = if ($RemoveData) { 'Remove the agent and its data' } else { 'Remove the agent' }
            $targets = @(foreach ($one in $all) {
                    Assert-KanadePrompt -Cmdlet $PSCmdlet -Target $one.Name -Action "$action from"
                    if ($PSCmdlet.ShouldProcess($one.Name, $action)) { $one }
                })
            if ($targets.Count -eq 0) { return }
            if ($PSCmdlet.ParameterSetName -eq 'Local') { Assert-KanadeInstaller }
            # Before anything is removed.
            if ($Retire) { $null = Get-KanadeConnection }
            Invoke-KanadeTargetBatch -Cmdlet $PSCmdlet -Target $targets -Remoting (Get-KanadeRemoting -Bound $PSBoundParameters) -ThrottleLimit $ThrottleLimit -Process {
                param($Ready)
                Uninstall-KanadeTarget -Cmdlet $Cmdlet -Target $Ready -RemoveData $RemoveData -Retire $Retire -BusyTimeoutSec $BusyTimeoutSec
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

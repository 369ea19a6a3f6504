function Test-KanadeAgentInstallation {
    <#
    .SYNOPSIS
        Looks at the agent that is installed on this PC, or on others, and says what is wrong and what to do.
    .DESCRIPTION
        One object for each of: Service, Version, Server (does the PC reach it), Identity, Connection (what the backend says of the PC, when
        this session is connected with one), Policy (what is set, and by whom), Defender and Clock. State is ok, warning, failed, or unknown
        for what could not be looked at; WhatToDo says how to go on.
        Without -ComputerName and -Session it looks at this PC. An elevated PowerShell sees more. What is wrong with one PC is an error of
        its own, and the others are looked at.
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
    .EXAMPLE
        Test-KanadeAgentInstallation

        Looks at this PC.
    .EXAMPLE
        Test-KanadeAgentInstallation -ComputerName PC1, PC2 | Where-Object -Property State -NE ok

        What is to be looked after on two PCs.
    .INPUTS
        System.String, or any object with a ComputerName, DNSHostName, Name or PSComputerName.
    .OUTPUTS
        Kanade.InstallationCheck
    #>
    [CmdletBinding(DefaultParameterSetName = 'Local')]
    [OutputType('Kanade.InstallationCheck')]
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
        [int] $ThrottleLimit = 16
    )

    begin {
        $names = [System.Collections.Generic.List[string]]::new()
    }

    process {
        if ($ComputerName) { $names.AddRange($ComputerName) }
    }

    end {
        try {
            $targets = @(Resolve-KanadeInstallTarget -ComputerName $names -Session $Session)
            Invoke-KanadeTargetBatch -Cmdlet $PSCmdlet -Target $targets -Remoting (Get-KanadeRemoting -Bound $PSBoundParameters) -ThrottleLimit $ThrottleLimit -Process {
                param($Ready)
                $with = 'Get-KanadeDefenderState', 'Get-KanadeKnownFolder', 'Get-KanadeMachineValue', 'Get-KanadeServerClock', 'Get-KanadeServiceState', 'Test-KanadeElevation'
                foreach ($seen in Invoke-KanadeCarried -Name Read-KanadeInstallation -With $with -Target $Ready) {
                    $name = $seen.Target.Name
                    if ($null -ne $seen.Failure) {
                        Write-KanadeInstallError -Cmdlet $Cmdlet -ComputerName $name -Fault 'remoting_failed' -Detail $seen.Failure.Exception.Message
                        continue
                    }
                    ConvertTo-KanadeInstallationCheck -ComputerName $name -Fact $seen.Value -Known (Get-KanadeKnownAgent -Fact $seen.Value)
                }
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

function Test-KanadeAgent {
    <#
    .SYNOPSIS
        Asks PCs whether they answer, and tells how long that took.
    .DESCRIPTION
        Each PC is asked itself, by way of the backend. One that does not answer is told by Responded; one that is not known is an
        error, and the others are asked. The latency is that between backend and PC.
        A PC that is off is known to be so at once. One that has lost its network a moment ago is waited for, 3 seconds at most.
    .PARAMETER ComputerName
        The PCs. Of a full name the first label counts, whatever its case. Takes names and objects with a Name, DNSHostName,
        PSComputerName or pc_id from the pipeline, such as those of Get-KanadeAgent.
    .PARAMETER Quiet
        Gives only true or false for each PC.
    .EXAMPLE
        Test-KanadeAgent -ComputerName PC1, PC2

        Asks two PCs.
    .EXAMPLE
        Get-KanadeAgent -Group Lab | Test-KanadeAgent | Where-Object -Property Responded -EQ $false

        The PCs of the group Lab that do not answer.
    .EXAMPLE
        if (Test-KanadeAgent -ComputerName PC1 -Quiet) { Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { hostname } -Wait }

        Runs something on a PC only if it answers.
    .INPUTS
        System.String, or any object with a ComputerName, Name, DNSHostName, PSComputerName or pc_id.
    .OUTPUTS
        Kanade.Ping, or System.Boolean with -Quiet.
    #>
    [CmdletBinding()]
    [OutputType('Kanade.Ping', [bool])]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Name', 'DNSHostName', 'PSComputerName', 'pc_id')]
        [string[]] $ComputerName,

        [switch] $Quiet
    )

    process {
        foreach ($name in $ComputerName) {
            $pc = Resolve-KanadePcId -Cmdlet $PSCmdlet -Name $name
            if (-not $pc) { continue }
            $missing = "No PC named $pc is enrolled."
            try {
                $pong = Invoke-KanadeRestMethod -Method POST -Path "/agents/$pc/ping" -Safe -PassError
            } catch {
                $PSCmdlet.ThrowTerminatingError($_)
            }
            $responded = $pong -isnot [System.Management.Automation.ErrorRecord]
            if (-not $responded -and $pong.FullyQualifiedErrorId -notlike 'Kanade.agent_unreachable*') {
                Write-KanadeError -Cmdlet $PSCmdlet -Record $pong -TargetObject $name -Missing $missing
                continue
            }
            if ($Quiet) {
                $responded
                continue
            }
            $ping = [ordered] @{
                PSTypeName   = 'Kanade.Ping'
                ComputerName = $pc
                Responded    = $responded
                Online       = $true
                LatencyMs    = $null
                Version      = $null
                LastSeen     = $null
                Reason       = $null
            }
            if ($responded) {
                $ping.LatencyMs = $pong.round_trip_ms
                # An old agent's heartbeat may not say it.
                $version = $pong.heartbeat.PSObject.Properties['version']
                if ($null -ne $version) { $ping.Version = $version.Value }
                $ping.LastSeen = ConvertFrom-KanadeInstant -Value $pong.heartbeat.at
            } else {
                $known = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $name -Missing $missing -Call @{ Path = "/agents/$pc" }
                if (-not $known.Ok) { continue }
                $ping.Online = $known.Value.online
                $ping.Version = $known.Value.version
                $ping.LastSeen = ConvertFrom-KanadeInstant -Value $known.Value.last_seen
                $ping.Reason = $pong.Exception.Message
            }
            [pscustomobject] $ping
        }
    }
}

function Get-KanadeAgent {
    <#
    .SYNOPSIS
        Gets the PCs that are enrolled, and whether they are online.
    .DESCRIPTION
        Without names it lists every PC, or those that all filters fit. With names it gives these PCs, also retired ones; a name that no
        PC has is an error of its own, and the others are given. With wildcards it gives every enrolled PC whose id or host name they
        fit, which may be none. What it gives goes down the pipeline into Invoke-KanadeExec.
    .PARAMETER ComputerName
        The PCs. Of a full name the first label counts, whatever its case. Wildcards are allowed. Takes names and objects with a Name,
        DNSHostName, PSComputerName or pc_id from the pipeline.
    .PARAMETER Group
        Only members of this group.
    .PARAMETER Online
        Only PCs that are online; -Online:$false gives those that are not.
    .PARAMETER OS
        Only PCs whose operating system contains this text.
    .PARAMETER Version
        Only PCs with this version of the agent.
    .PARAMETER IdentityState
        Only PCs whose identity is active, lapsed (its credential has run out, and the PC has not come for another), revoked, or none (it
        never had one, as in open mode).
    .PARAMETER TokenId
        Only PCs that this enrolment token has let in. A token that was found somewhere may be named by its text.
    .PARAMETER LoggedOnUser
        Only PCs at which somebody works whose name, with the domain, contains this text.
    .PARAMETER PendingReboot
        Only PCs that want to be restarted; -PendingReboot:$false gives those that do not. PCs that do not say are in neither list.
    .PARAMETER RealTimeProtection
        Only PCs on which Defender's real-time protection is on; -RealTimeProtection:$false gives those on which it is off, as it is where
        the antivirus is another. PCs that do not say are in neither list.
    .PARAMETER Search
        Only PCs with this text in their id, host name or the like.
    .PARAMETER Retired
        The retired PCs in place of the others.
    .EXAMPLE
        Get-KanadeAgent LAB-*

        The PCs whose name begins with LAB-.
    .EXAMPLE
        Get-KanadeAgent -Group Lab -Online

        The PCs of the group Lab that are online.
    .EXAMPLE
        Get-KanadeAgent -Online:$false | Sort-Object -Property LastSeen | Select-Object -First 10

        The ten PCs that have been off for longest.
    .EXAMPLE
        Get-KanadeAgent -IdentityState none

        The PCs that have yet to enrol with a token.
    .EXAMPLE
        Get-KanadeAgent -PendingReboot | Where-Object -Property LoggedOnUser -EQ -Value ''

        The PCs that want to be restarted and at which nobody works.
    .EXAMPLE
        Get-KanadeAgent -Group Lab | Invoke-KanadeExec -ScriptBlock { Restart-Service -Name Spooler } -Wait

        Restarts the spooler on every PC of the group.
    .INPUTS
        System.String, or any object with a ComputerName, Name, DNSHostName, PSComputerName or pc_id.
    .OUTPUTS
        Kanade.Agent
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    [OutputType('Kanade.Agent')]
    param(
        [Parameter(ParameterSetName = 'Name', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Name', 'DNSHostName', 'PSComputerName', 'pc_id')]
        [string[]] $ComputerName,

        [Parameter(ParameterSetName = 'List')]
        [string] $Group,

        [Parameter(ParameterSetName = 'List')]
        [switch] $Online,

        [Parameter(ParameterSetName = 'List')]
        [string] $OS,

        [Parameter(ParameterSetName = 'List')]
        [string] $Version,

        [Parameter(ParameterSetName = 'List')]
        [ValidateSet('none', 'active', 'lapsed', 'revoked')]
        [string] $IdentityState,

        [Parameter(ParameterSetName = 'List')]
        [string] $TokenId,

        [Parameter(ParameterSetName = 'List')]
        [string] $LoggedOnUser,

        [Parameter(ParameterSetName = 'List')]
        [switch] $PendingReboot,

        [Parameter(ParameterSetName = 'List')]
        [switch] $RealTimeProtection,

        [Parameter(ParameterSetName = 'List')]
        [string] $Search,

        [Parameter(ParameterSetName = 'List')]
        [switch] $Retired
    )

    process {
        if ($PSCmdlet.ParameterSetName -eq 'List') {
            $query = @{}
            if ($Group) { $query.group = $Group }
            if ($PSBoundParameters.ContainsKey('Online')) { $query.online = "$Online".ToLowerInvariant() }
            if ($OS) { $query.os = $OS }
            if ($Version) { $query.version = $Version }
            if ($IdentityState) { $query.identity = $IdentityState.ToLowerInvariant() }
            if ($TokenId) { $query.token_id = ConvertTo-KanadeTokenId -Text $TokenId }
            if ($LoggedOnUser) { $query.logged_on_user = $LoggedOnUser }
            if ($PSBoundParameters.ContainsKey('PendingReboot')) { $query.pending_reboot = "$PendingReboot".ToLowerInvariant() }
            if ($PSBoundParameters.ContainsKey('RealTimeProtection')) { $query.real_time_protection = "$RealTimeProtection".ToLowerInvariant() }
            if ($Search) { $query.q = $Search }
            if ($Retired) { $query.retired = 'true' }
            try {
                Invoke-KanadeRestMethod -Path '/agents' -Query $query -All | ConvertTo-KanadeAgent
            } catch {
                $PSCmdlet.ThrowTerminatingError($_)
            }
            return
        }
        foreach ($name in $ComputerName) {
            if ([System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters($name)) {
                try {
                    Find-KanadeAgent -Pattern $name | ConvertTo-KanadeAgent
                } catch {
                    $PSCmdlet.ThrowTerminatingError($_)
                }
                continue
            }
            $pc = Resolve-KanadePcId -Cmdlet $PSCmdlet -Name $name
            if (-not $pc) { continue }
            $agent = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $name -Missing "No PC named $pc is enrolled." -Call @{ Path = "/agents/$pc" }
            if ($agent.Ok) { ConvertTo-KanadeAgent -InputObject $agent.Value }
        }
    }
}

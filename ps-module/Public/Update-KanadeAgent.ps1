function Update-KanadeAgent {
    <#
    .SYNOPSIS
        Makes the agents of PCs another version, online or not.
    .DESCRIPTION
        Submits an update for all PCs and gives its execution at once, as Invoke-KanadeExec does for a script: PCs that are off take it
        when they are back, until -ExpiresIn is over, -Wait waits for the results, and Stop-KanadeExec cancels what has not begun.
        A PC takes only releases that are signed for it. It fetches what is new, waits until no script runs, and the new version reports
        that it works; one that does not is taken back by the PC itself, which reports update_rolled_back and takes that version no more.
        PCs that run it already succeed at once, and those with a newer one are skipped (newer_version): no agent is made older.
        More than 20 PCs are asked about before anything is sent; another number is set by $KanadeConfirmThreshold. Where nobody can be
        asked that is the error Kanade.confirmation_needed, unless -Force or -Confirm:$false is said.
    .PARAMETER ComputerName
        The PCs. Of a full name the first label counts, whatever its case. Takes names and objects with a ComputerName, Name,
        DNSHostName, PSComputerName or pc_id, also from the pipeline, such as those of Get-KanadeAgent and Get-ADComputer; a group of
        Get-KanadeGroup is its members. An object that names neither is the error Kanade.not_a_target, and the others are updated.
    .PARAMETER Group
        The members of these groups, as of now.
    .PARAMETER All
        Every PC that is enrolled.
    .PARAMETER Version
        The version, of a release that was added. Default: the highest there is.
    .PARAMETER Jitter
        Each PC waits a random time up to this before it fetches anything, so that they do not all do at once. Written as -Timeout is.
        Default: not at all.
    .PARAMETER Timeout
        How long a PC may take until the new version is started, scripts that it waits for included: text such as 90s, 5m or 2h, a
        number of seconds, or a time span. Default: an hour.
    .PARAMETER ExpiresIn
        PCs that have not begun by then never will. Written as -Timeout is; text such as 7d works as well. Default: a week.
    .PARAMETER Wave
        Goes out in waves, and gives a Kanade.Rollout: 1, '10%', '100%' is one PC first, then until a tenth of all has it, then the rest.
        The name of a group is a wave of its members. The next wave starts when the PCs of the one before that are online have ended.
    .PARAMETER MaxFailurePercent
        With -Wave: how many percent of a wave's PCs may fail. With one more it halts until a person says otherwise. Default: 0.
    .PARAMETER Soak
        With -Wave: how long a wave is looked at before the next one starts. Written as -Timeout is. Default: not at all.
    .PARAMETER Wait
        Waits, and gives the results in place of the execution; of a rollout through all its waves.
    .PARAMETER WaitTimeout
        Waits no longer than this; what has not ended by then follows as it is. Implies -Wait. Written as -Timeout is.
    .PARAMETER AsJob
        Waits in a job of PowerShell and gives that job: Receive-Job gives the results, Stop-Job ends the waiting and nothing else.
        What is wrong with the request is said at once.
    .PARAMETER Force
        Does not ask, however many PCs are meant.
    .PARAMETER WhatIf
        Says what would be updated to what, how many PCs that are, and how many of these are off; updates nothing.
    .PARAMETER Confirm
        Asks before it submits. With -Confirm:$false it does not ask either when many PCs are meant.
    .EXAMPLE
        Update-KanadeAgent -ComputerName PC1 -Wait

        Updates one PC to the highest version and shows what became of it.
    .EXAMPLE
        Update-KanadeAgent -All -Wave Canary, '10%', '100%' -Soak 1d -Jitter 30m

        Updates the PCs of the group Canary first, a day later a tenth of all, and after another day the rest, unless one fails.
    .EXAMPLE
        Get-KanadeAgent | Where-Object -Property Version -EQ -Value '1.2.0' | Update-KanadeAgent -Version 1.2.1

        Updates the PCs that run a certain version.
    .EXAMPLE
        Update-KanadeAgent -Group Office -WhatIf

        Says how many PCs of a group would be updated, and to what.
    .INPUTS
        System.String, or any object with a ComputerName, Name, DNSHostName, PSComputerName or pc_id, or a Group.
    .OUTPUTS
        Kanade.Execution, or Kanade.Rollout with -Wave; Kanade.ExecResult with -Wait; a job with -AsJob.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, DefaultParameterSetName = 'ByName')]
    [OutputType('Kanade.Execution', 'Kanade.Rollout', 'Kanade.ExecResult', 'System.Management.Automation.Job')]
    param(
        [Parameter(ParameterSetName = 'ByName', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Name', 'DNSHostName', 'PSComputerName', 'pc_id')]
        [string[]] $ComputerName,

        [Parameter(ParameterSetName = 'ByGroup', Mandatory = $true)]
        [string[]] $Group,

        [Parameter(ParameterSetName = 'ForAll', Mandatory = $true)]
        [switch] $All,

        [ValidatePattern('^\d+\.\d+\.\d+$')]
        [string] $Version,

        [ValidateNotNull()]
        [object] $Jitter,

        [ValidateNotNull()]
        [object] $Timeout,

        [ValidateNotNull()]
        [object] $ExpiresIn,

        [ValidateNotNullOrEmpty()]
        [object[]] $Wave,

        [ValidateRange(0, 100)]
        [double] $MaxFailurePercent,

        [ValidateNotNull()]
        [object] $Soak,

        [switch] $Wait,

        [ValidateNotNull()]
        [object] $WaitTimeout,

        [switch] $AsJob,

        [switch] $Force
    )

    begin {
        $pcs = New-Object -TypeName 'System.Collections.Generic.List[string]'
        $groups = New-Object -TypeName 'System.Collections.Generic.List[string]'
        $known = New-Object -TypeName 'System.Collections.Generic.HashSet[string]'
        $named = $PSBoundParameters.ContainsKey('ComputerName')
        if ($PSBoundParameters.ContainsKey('Group')) { $groups.AddRange($Group) }
        try {
            # Everything that can be wrong before a PC is named is said before the first comes down the pipeline.
            $request = ConvertTo-KanadeExecRequest -Bound $PSBoundParameters -SessionState $PSCmdlet.SessionState
            $waitSeconds = [double]::PositiveInfinity
            if ($PSBoundParameters.ContainsKey('WaitTimeout')) {
                $waitSeconds = ConvertFrom-KanadeDuration -Duration (ConvertTo-KanadeDuration -Value $WaitTimeout -Name 'WaitTimeout')
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }

    process {
        # Of what comes down the pipeline the object itself counts: whatever it is, the parameter would have its text.
        $said = @()
        if ($named) { $said = $ComputerName } elseif ($ComputerName) { $said = @($_) }
        foreach ($meant in $said | Resolve-KanadeTarget -Cmdlet $PSCmdlet) {
            if (-not $known.Add("$($meant.Kind) $($meant.Name)".ToUpperInvariant())) { continue }
            if ($meant.Kind -eq 'Group') { $groups.Add($meant.Name) } else { $pcs.Add($meant.Name) }
        }
    }

    end {
        $target = @{}
        if ($All) { $target.all = $true }
        if ($groups.Count -gt 0) { $target.groups = $groups.ToArray() }
        if ($pcs.Count -gt 0) { $target.pcs = $pcs.ToArray() }
        # Nothing came down the pipeline.
        if ($target.Count -eq 0) { return }
        $cmdlet = $PSCmdlet
        $refused = {
            param($Pc, $Why)
            $cmdlet.WriteError((Get-KanadeErrorRecord -Code 'unknown_pc' -Category ObjectNotFound -TargetObject $Pc -Message "${Pc}: $Why"))
        }
        try {
            # Named before anybody is asked: what was agreed to is what is sent, whatever is added meanwhile.
            $to = $Version
            if (-not $to) { $to = Get-KanadeNewestRelease }
            $whom = Format-KanadeTarget -Target $target -State:($WhatIfPreference -or ($PSBoundParameters.ContainsKey('Confirm') -and $PSBoundParameters.Confirm))
            $action = "Update the agent to $to"
            if (-not $PSCmdlet.ShouldProcess($whom, $action)) { return }
            if (-not (Confirm-KanadeTarget -Cmdlet $PSCmdlet -Force:$Force -Action "$action on" -Target $target)) { return }
            $request.target = $target
            $request.update = @{ version = $to }
            Submit-KanadeExecution -Request $request -OnRefused $refused | Get-KanadeSubmitted -Cmdlet $PSCmdlet -TimeoutSec $waitSeconds
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

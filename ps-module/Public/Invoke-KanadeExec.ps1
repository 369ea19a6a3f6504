function Invoke-KanadeExec {
    <#
    .SYNOPSIS
        Runs a script block, a script file or a job on PCs, online or not.
    .DESCRIPTION
        Submits one execution for all PCs and gives it at once. With -Wait it gives one result per PC as they come, until every PC that
        is online has ended or -WaitTimeout is over; PCs that are off follow in the state queued, and run it when they are back,
        until -ExpiresIn is over. Ctrl-C ends the waiting and not the execution.
        Values go to the PCs as values, never as text within the script: by -ArgumentList, -Parameter or $using:.
        A name that no enrolled PC has is an error of its own, and the others are run.
        More than 20 PCs are asked about before anything is sent; another number is set by $KanadeConfirmThreshold. Where nobody can be
        asked that is the error Kanade.confirmation_needed, unless -Force or -Confirm:$false is said.
    .PARAMETER ScriptBlock
        What to run. Variables of this session are passed with $using:, if they hold text, numbers, booleans, dates, arrays, hashtables
        or custom objects.
    .PARAMETER FilePath
        A script file of this PC. It is read as its byte order mark says, else as UTF-8, else in the ANSI code page with a warning.
    .PARAMETER JobId
        A job of the backend. Those of Get-KanadeJob come down the pipeline when the target is said by a parameter, and each becomes
        an execution of its own.
    .PARAMETER ComputerName
        The PCs. Of a full name the first label counts, whatever its case. Takes names and objects with a ComputerName, Name,
        DNSHostName, PSComputerName or pc_id, also from the pipeline, such as those of Get-KanadeAgent and Get-ADComputer; a group of
        Get-KanadeGroup is its members. An object that names neither is the error Kanade.not_a_target, and the others are run.
    .PARAMETER Group
        The members of these groups, as of now.
    .PARAMETER All
        Every PC that is enrolled.
    .PARAMETER ArgumentList
        Arguments by position.
    .PARAMETER Parameter
        Arguments by name, as a hashtable. For the PowerShell shells.
    .PARAMETER Environment
        Environment variables of the script, as a hashtable. The way for values to reach a script of cmd.
    .PARAMETER Shell
        What runs the script: powershell (Windows PowerShell), pwsh (PowerShell 7), cmd or sh. Default: by the file's extension, else
        powershell, which every Windows PC has.
    .PARAMETER RunAs
        The account: system, that of the agent and the default, or user, the one who is logged on. Where nobody is, the script is
        skipped.
    .PARAMETER Sessions
        With -RunAs user: first, the session at the console, else the one with the lowest number, and the default; or all, every
        active session, each at the same time. Then the result is that of the first session in which it did not succeed.
    .PARAMETER Timeout
        How long the script may run on a PC: text such as 90s, 5m or 2h, a number of seconds, or a time span.
    .PARAMETER ExpiresIn
        PCs that have not started it by then never will. Written as -Timeout is; text such as 7d works as well.
    .PARAMETER SuccessExitCode
        The exit codes that mean success. Default: 0, 3010 and 1641.
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
        Says what would be run where, on how many PCs, and how many of these are off; runs nothing.
    .PARAMETER Confirm
        Asks before it submits. With -Confirm:$false it does not ask either when many PCs are meant.
    .EXAMPLE
        'PC1' | Invoke-KanadeExec -ScriptBlock { hostname } -Wait

        Runs hostname on PC1 and shows what came back.
    .EXAMPLE
        Get-ADComputer -Filter "Name -like 'LAB-*'" | Invoke-KanadeExec -FilePath .\Repair.ps1 -Parameter @{ Mode = 'Full' } -Timeout 20m -Wait

        Runs a script file with a parameter on PCs from Active Directory.
    .EXAMPLE
        $days = 30
        Invoke-KanadeExec -Group Lab -ScriptBlock { Get-ChildItem -Path C:\Temp | Where-Object LastWriteTime -lt (Get-Date).AddDays(-$using:days) }

        Passes a variable of this session, and gives the execution at once.
    .EXAMPLE
        Get-KanadeGroup -Group Lab | Invoke-KanadeExec -ScriptBlock { Restart-Service -Name Spooler } -WhatIf

        Says on how many PCs of a group it would be run.
    .EXAMPLE
        Get-KanadeJob -JobId disk-cleanup | Invoke-KanadeExec -ComputerName PC1 -Wait

        Runs a job on a PC and shows what came back.
    .EXAMPLE
        Invoke-KanadeExec -All -JobId update-tools -ExpiresIn 14d

        Runs a job on every PC; those that are off have two weeks to come back.
    .EXAMPLE
        Invoke-KanadeExec -Group Office -FilePath .\Update.ps1 -Wave Canary, '10%', '100%' -MaxFailurePercent 5 -Soak 30m

        Updates the PCs of the group Canary first, half an hour later a tenth of all, then the rest, unless too many fail.
    .EXAMPLE
        $job = Invoke-KanadeExec -All -ScriptBlock { Get-HotFix } -AsJob -Force
        $job | Wait-Job | Receive-Job | Where-Object State -ne succeeded

        Gathers the results in the background, and shows what went wrong.
    .INPUTS
        System.String, or any object with a ComputerName, Name, DNSHostName, PSComputerName or pc_id, a Group or a JobId.
    .OUTPUTS
        Kanade.Execution, or Kanade.Rollout with -Wave; Kanade.ExecResult with -Wait; a job with -AsJob.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, DefaultParameterSetName = 'ScriptBlockByName')]
    [OutputType('Kanade.Execution', 'Kanade.Rollout', 'Kanade.ExecResult', 'System.Management.Automation.Job')]
    param(
        [Parameter(ParameterSetName = 'ScriptBlockByName', Mandatory = $true, Position = 0)]
        [Parameter(ParameterSetName = 'ScriptBlockByGroup', Mandatory = $true, Position = 0)]
        [Parameter(ParameterSetName = 'ScriptBlockForAll', Mandatory = $true, Position = 0)]
        [scriptblock] $ScriptBlock,

        [Parameter(ParameterSetName = 'FileByName', Mandatory = $true)]
        [Parameter(ParameterSetName = 'FileByGroup', Mandatory = $true)]
        [Parameter(ParameterSetName = 'FileForAll', Mandatory = $true)]
        [ValidateNotNullOrEmpty()]
        [string] $FilePath,

        [Parameter(ParameterSetName = 'JobByName', Mandatory = $true, ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'JobByGroup', Mandatory = $true, ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'JobForAll', Mandatory = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('job_id')]
        [ValidateNotNullOrEmpty()]
        [string] $JobId,

        [Parameter(ParameterSetName = 'ScriptBlockByName', Mandatory = $true, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'FileByName', Mandatory = $true, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'JobByName', Mandatory = $true, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Name', 'DNSHostName', 'PSComputerName', 'pc_id')]
        [string[]] $ComputerName,

        [Parameter(ParameterSetName = 'ScriptBlockByGroup', Mandatory = $true)]
        [Parameter(ParameterSetName = 'FileByGroup', Mandatory = $true)]
        [Parameter(ParameterSetName = 'JobByGroup', Mandatory = $true)]
        [string[]] $Group,

        [Parameter(ParameterSetName = 'ScriptBlockForAll', Mandatory = $true)]
        [Parameter(ParameterSetName = 'FileForAll', Mandatory = $true)]
        [Parameter(ParameterSetName = 'JobForAll', Mandatory = $true)]
        [switch] $All,

        [Alias('Args')]
        [object[]] $ArgumentList,

        [System.Collections.IDictionary] $Parameter,

        [System.Collections.IDictionary] $Environment,

        [Parameter(ParameterSetName = 'ScriptBlockByName')]
        [Parameter(ParameterSetName = 'ScriptBlockByGroup')]
        [Parameter(ParameterSetName = 'ScriptBlockForAll')]
        [Parameter(ParameterSetName = 'FileByName')]
        [Parameter(ParameterSetName = 'FileByGroup')]
        [Parameter(ParameterSetName = 'FileForAll')]
        [ValidateSet('powershell', 'pwsh', 'cmd', 'sh')]
        [string] $Shell,

        [Parameter(ParameterSetName = 'ScriptBlockByName')]
        [Parameter(ParameterSetName = 'ScriptBlockByGroup')]
        [Parameter(ParameterSetName = 'ScriptBlockForAll')]
        [Parameter(ParameterSetName = 'FileByName')]
        [Parameter(ParameterSetName = 'FileByGroup')]
        [Parameter(ParameterSetName = 'FileForAll')]
        [ValidateSet('system', 'user')]
        [string] $RunAs,

        [Parameter(ParameterSetName = 'ScriptBlockByName')]
        [Parameter(ParameterSetName = 'ScriptBlockByGroup')]
        [Parameter(ParameterSetName = 'ScriptBlockForAll')]
        [Parameter(ParameterSetName = 'FileByName')]
        [Parameter(ParameterSetName = 'FileByGroup')]
        [Parameter(ParameterSetName = 'FileForAll')]
        [ValidateSet('first', 'all')]
        [string] $Sessions,

        [ValidateNotNull()]
        [object] $Timeout,

        [ValidateNotNull()]
        [object] $ExpiresIn,

        [Parameter(ParameterSetName = 'ScriptBlockByName')]
        [Parameter(ParameterSetName = 'ScriptBlockByGroup')]
        [Parameter(ParameterSetName = 'ScriptBlockForAll')]
        [Parameter(ParameterSetName = 'FileByName')]
        [Parameter(ParameterSetName = 'FileByGroup')]
        [Parameter(ParameterSetName = 'FileForAll')]
        [long[]] $SuccessExitCode,

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
        $jobs = New-Object -TypeName 'System.Collections.Generic.List[string]'
        $known = New-Object -TypeName 'System.Collections.Generic.HashSet[string]'
        $named = $PSBoundParameters.ContainsKey('ComputerName')
        if ($PSBoundParameters.ContainsKey('JobId')) { $jobs.Add($JobId) }
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
        # Of the pipeline there may be several.
        if ($JobId -and -not $jobs.Contains($JobId)) { $jobs.Add($JobId) }
    }

    end {
        $target = @{}
        if ($All) { $target.all = $true }
        if ($groups.Count -gt 0) { $target.groups = $groups.ToArray() }
        if ($pcs.Count -gt 0) { $target.pcs = $pcs.ToArray() }
        # Nothing came down the pipeline.
        if ($target.Count -eq 0 -or ($jobs.Count -eq 0 -and -not $request.ContainsKey('script'))) { return }
        $cmdlet = $PSCmdlet
        $refused = {
            param($Pc, $Why)
            $cmdlet.WriteError((Get-KanadeErrorRecord -Code 'unknown_pc' -Category ObjectNotFound -TargetObject $Pc -Message "${Pc}: $Why"))
        }
        try {
            $whom = Format-KanadeTarget -Target $target -State:($WhatIfPreference -or ($PSBoundParameters.ContainsKey('Confirm') -and $PSBoundParameters.Confirm))
            # The script, or each of the jobs.
            $runs = @($null)
            if ($jobs.Count -gt 0) { $runs = $jobs.ToArray() }
            $submitted = foreach ($job in $runs) {
                $action = "Run a script with $($request['shell'])"
                if ($null -ne $job) { $action = "Run the job $job" }
                if (-not $PSCmdlet.ShouldProcess($whom, $action)) { continue }
                if (-not (Confirm-KanadeTarget -Cmdlet $PSCmdlet -Force:$Force -Action "$action on" -Target $target)) { continue }
                $one = $request.Clone()
                $one.target = $target.Clone()
                if ($null -ne $job) { $one.job_id = $job }
                $answer = Submit-KanadeExecution -Request $one -OnRefused $refused -PassError
                if ($answer -isnot [System.Management.Automation.ErrorRecord]) {
                    $answer
                } elseif ($runs.Count -eq 1) {
                    throw $answer
                } else {
                    # What was submitted before is to be given all the same.
                    $code = ($answer.FullyQualifiedErrorId -replace '^Kanade\.').Split(',')[0]
                    $PSCmdlet.WriteError((Get-KanadeErrorRecord -Code $code -Category $answer.CategoryInfo.Category -TargetObject $job -Message "${job}: $($answer.Exception.Message)"))
                }
            }
            $submitted | Get-KanadeSubmitted -Cmdlet $PSCmdlet -TimeoutSec $waitSeconds
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Answers.ps1')
}

Describe 'Invoke-KanadeExec' {
    BeforeEach {
        $script:requests = [System.Collections.ArrayList]::new()
        $script:refusals = [System.Collections.Queue]::new()
        $script:rows = @((Row 'PC1' 'succeeded' 'r1'))
        $script:offline = @()
        Mock -ModuleName Kanade -CommandName Start-Sleep -MockWith { }
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            if ($Method -eq 'POST') {
                $null = $script:requests.Add(($Body | ConvertTo-Json -Depth 20 | ConvertFrom-Json))
                if ($script:refusals.Count -gt 0) { return $script:refusals.Dequeue() }
                return [pscustomobject] @{ exec_id = 'e1' }
            }
            if ($Path -eq '/executions/e1') { return Execution $script:rows }
            if ($Path -eq '/agents') { return $script:offline | ForEach-Object -Process { [pscustomobject] @{ pc_id = $_ } } }
            if ($Path -eq '/executions/e1/targets') {
                return Asked $script:rows $Query
            }
            if ($Path -like '/results/*') { return [pscustomobject] @{ pc_id = 'PC1'; stdout = "out`n"; stderr = ''; stdout_chunks = 0; stderr_chunks = 0 } }
            throw "unexpected $Method $Path"
        }
    }

    It 'takes PCs by name, and by what objects of other modules call them' {
        $objects = @(
            'pc1'
            [pscustomobject] @{ Name = 'pc2'; DNSHostName = 'other.example.com' }
            [pscustomobject] @{ DNSHostName = 'pc3.example.com' }
            [pscustomobject] @{ PSComputerName = 'pc4' }
            [pscustomobject] @{ pc_id = 'PC5' }
            [pscustomobject] @{ ComputerName = 'PC1' }
        )
        $null = $objects | Invoke-KanadeExec -ScriptBlock { hostname }
        $requests.Count | Should -Be 1
        $requests[0].target.pcs | Should -Be 'PC1', 'PC2', 'PC3', 'PC4', 'PC5'
        $requests[0].shell | Should -Be 'powershell'
    }

    It 'takes no object for a PC that names none, and runs on the others' {
        $objects = @(
            'PC1'
            [pscustomobject] @{ PSTypeName = 'Kanade.Job'; JobId = 'Lab'; Name = 'PC7' }
            [version] '1.2'
            [pscustomobject] @{ Name = 'PC2'; Group = 'Lab' }
            [pscustomobject] @{ ComputerName = 'PC3', 'PC4' }
        )
        $null = $objects | Invoke-KanadeExec -ScriptBlock { 1 } -ErrorVariable wrong -ErrorAction SilentlyContinue
        $requests[0].target.pcs | Should -Be 'PC1', 'PC2', 'PC3', 'PC4'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_a_target,Invoke-KanadeExec', 'Kanade.not_a_target,Invoke-KanadeExec'
        "$($wrong[0])" | Should -BeLike '*of the type Kanade.Job *'
        "$($wrong[1])" | Should -BeLike '*of the type System.Version *'
        $wrong[1].TargetObject | Should -BeOfType ([version])
    }

    It 'takes the groups of Get-KanadeGroup from the pipeline, also beside PCs' {
        $groups = 'Lab', 'LAB', 'Office' | ForEach-Object -Process { [pscustomobject] @{ PSTypeName = 'Kanade.Group'; Group = $_; Members = 2; PSComputerName = 'admin' } }
        $null = $groups | Invoke-KanadeExec -ScriptBlock { 1 }
        $null = $groups[0], 'pc1' | Invoke-KanadeExec -JobId tools
        $requests[0].target.groups | Should -Be 'Lab', 'Office'
        $requests[0].target.PSObject.Properties.Name | Should -Not -Contain 'pcs'
        $requests[1].target.groups, $requests[1].target.pcs | Should -Be 'Lab', 'PC1'
    }

    It 'goes to the group when none of the PCs beside it is known' {
        $refusals.Enqueue((Refusal 'unknown_pc' -Faults @([pscustomobject] @{ pointer = '/target/pcs/0'; code = 'unknown_pc'; message = 'no' })))
        $null = [pscustomobject] @{ Group = 'Lab' }, 'NOPE' | Invoke-KanadeExec -ScriptBlock { 1 } -ErrorAction SilentlyContinue
        $requests[1].target.PSObject.Properties.Name | Should -Be 'groups'
    }

    It 'runs the jobs of Get-KanadeJob on what a parameter says, each as an execution of its own' {
        $jobs = 'clean', 'update', 'clean' | ForEach-Object -Process { [pscustomobject] @{ PSTypeName = 'Kanade.Job'; JobId = $_; Version = '1' } }
        @($jobs | Invoke-KanadeExec -ComputerName PC1).Count | Should -Be 2
        $null = $jobs[0] | Invoke-KanadeExec -Group Lab
        $requests.job_id | Should -Be 'clean', 'update', 'clean'
        $requests[1].target.pcs | Should -Be 'PC1'
        $requests[2].target.groups | Should -Be 'Lab'
        @() | Invoke-KanadeExec -Group Lab -ErrorAction Stop | Should -BeNullOrEmpty
        $requests.Count | Should -Be 3
    }

    It 'runs the other jobs when one is refused' {
        $refusals.Enqueue((Refusal 'job_revoked'))
        $made = 'clean', 'update' | ForEach-Object -Process { [pscustomobject] @{ JobId = $_ } } | Invoke-KanadeExec -ComputerName PC1 -ErrorVariable wrong -ErrorAction SilentlyContinue
        $made.ExecId | Should -Be 'e1'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.job_revoked,Invoke-KanadeExec'
        $wrong.TargetObject | Should -Be 'clean'
    }

    It 'takes a number that is said for the name it is written as' {
        $null = Invoke-KanadeExec -ComputerName 007 -ScriptBlock { 1 }
        $null = Invoke-KanadeExec -ComputerName 12D -ScriptBlock { 1 }
        $requests.target.pcs | Should -Be '007', '12D'
    }

    It 'goes to groups and to all' {
        $null = Invoke-KanadeExec -Group Lab, Office -ScriptBlock { 1 }
        $null = Invoke-KanadeExec -All -JobId tools
        $requests[0].target.groups | Should -Be 'Lab', 'Office'
        $requests[1].target.all | Should -BeTrue
        $requests[1].job_id | Should -Be 'tools'
        $requests[1].PSObject.Properties.Name | Should -Not -Contain 'shell'
    }

    It 'sends values as values' {
        $days = 30
        $null = Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { $using:days } -ArgumentList 'a"b', 2, @(3) -Parameter @{ Force = $true } -Shell pwsh -RunAs user -Sessions all -Timeout 5m -ExpiresIn ([timespan]::FromDays(2)) -SuccessExitCode 0, -1073741510
        $sent = $requests[0]
        $sent.script | Should -Be 'param($KanadeUsing_days) ${KanadeUsing_days} '
        $sent.params.KanadeUsing_days | Should -Be 30
        $sent.params.Force | Should -BeTrue
        $sent.args[0] | Should -Be 'a"b'
        $sent.args[1] | Should -Be 2
        , $sent.args[2] | Should -BeOfType ([array])
        $sent.shell, $sent.run_as, $sent.sessions, $sent.timeout, $sent.expires_in | Should -Be 'pwsh', 'user', 'all', '5m', '172800s'
        $sent.success_exit_codes | Should -Be 0, 3221225786
        $days | Should -Be 30
    }

    It 'takes the shell of a file from its name' {
        foreach ($name in 'a.ps1', 'a.cmd', 'a.sh') { Set-Content -LiteralPath (Join-Path $TestDrive $name) -Value 'echo 1' }
        foreach ($name in 'a.ps1', 'a.cmd', 'a.sh') { $null = Invoke-KanadeExec -ComputerName PC1 -FilePath (Join-Path $TestDrive $name) }
        $requests.shell | Should -Be 'powershell', 'cmd', 'sh'
        { Invoke-KanadeExec -ComputerName PC1 -FilePath (Join-Path $TestDrive 'none.ps1') } | Should -Throw -ErrorId 'Kanade.file_not_found,Invoke-KanadeExec'
    }

    It 'gives the execution at once' {
        $made = Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { 1 }
        $made.PSObject.TypeNames[0] | Should -Be 'Kanade.Execution'
        $made.ExecId | Should -Be 'e1'
    }

    It 'changes nothing with -WhatIf' {
        Mock -ModuleName Kanade -CommandName Format-KanadeTarget -MockWith { 'PC1' }
        Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { 1 } -WhatIf | Should -BeNullOrEmpty
        Should -Invoke -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -Times 0 -Exactly
        Should -Invoke -ModuleName Kanade -CommandName Format-KanadeTarget -Times 1 -Exactly -ParameterFilter { $State }
    }

    It 'runs on the others when a PC is not known' {
        $refusals.Enqueue((Refusal 'unknown_pc' -Faults @([pscustomobject] @{ pointer = '/target/pcs/1'; code = 'unknown_pc'; message = 'no PC named NOPE is enrolled' })))
        $null = 'PC1', 'NOPE', 'a b', 'PC2' | Invoke-KanadeExec -ScriptBlock { 1 } -ErrorVariable wrong -ErrorAction SilentlyContinue
        $requests[1].target.pcs | Should -Be 'PC1', 'PC2'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.invalid_id,Invoke-KanadeExec', 'Kanade.unknown_pc,Invoke-KanadeExec'
        $wrong.TargetObject | Should -Be 'a b', 'NOPE'
    }

    It 'submits nothing when no PC is left' {
        $refusals.Enqueue((Refusal 'unknown_pc' -Faults @([pscustomobject] @{ pointer = '/target/pcs/0'; code = 'unknown_pc'; message = 'no' })))
        Invoke-KanadeExec -ComputerName NOPE -ScriptBlock { 1 } -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $requests.Count | Should -Be 1
    }

    It 'ends with the error of the backend' {
        $refusals.Enqueue((Refusal 'exec_full'))
        { Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { 1 } } | Should -Throw -ErrorId 'Kanade.exec_full,Invoke-KanadeExec'
    }

    It 'asks before anything when a time cannot be read' {
        { Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { 1 } -WaitTimeout soon } | Should -Throw -ErrorId 'Kanade.invalid_duration,Invoke-KanadeExec'
        $requests.Count | Should -Be 0
    }

    It 'waits for what is online, and gives what is off at the end' {
        $script:rows = @((Row 'PC1' 'queued'), (Row 'PC2' 'running' 'r2'), (Row 'PC3' 'succeeded' 'r3'))
        $script:offline = @('PC1')
        Mock -ModuleName Kanade -CommandName Start-Sleep -MockWith { $script:rows[1] = Row 'PC2' 'failed' 'r2' }
        $results = 'PC1', 'PC2', 'PC3' | Invoke-KanadeExec -ScriptBlock { 1 } -Wait
        $results.ComputerName | Should -Be 'PC3', 'PC2', 'PC1'
        $results.State | Should -Be 'succeeded', 'failed', 'queued'
        $results[0].Stdout | Should -Be "out`n"
        $results[2].Stdout | Should -BeNullOrEmpty
        $results[0].PSObject.TypeNames[0] | Should -Be 'Kanade.ExecResult'
        $results[0].PSObject.Properties.Name | Should -Be 'ComputerName', 'State', 'Reason', 'ExitCode', 'Stdout', 'Stderr', 'StartedAt', 'FinishedAt', 'RebootRequired', 'ExecId'
    }

    It 'waits no longer than it is told, and says what goes on' {
        $script:rows = @((Row 'PC1' 'running' 'r1'))
        $results = Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { 1 } -WaitTimeout 0 -WarningVariable warned -WarningAction SilentlyContinue
        $results.State | Should -Be 'running'
        "$warned" | Should -BeLike '*Receive-KanadeExec -ExecId e1*'
    }

    It 'asks for nothing that the list of results has said' {
        $said = Row 'PC1' 'succeeded' 'r1'
        $said | Add-Member -NotePropertyMembers @{ stdout = 'short'; stderr = '' }
        $script:rows = @($said)
        (Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { 1 } -Wait).Stdout | Should -Be 'short'
        Should -Invoke -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -Times 0 -Exactly -ParameterFilter { $Path -like '/results/*' }
    }

    It 'passes values to cmd as environment variables' {
        $null = Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { exit %N% } -Shell cmd -Environment @{ N = 5 }
        $requests[0].env.N | Should -BeExactly '5'
    }
}

Describe 'Invoke-KanadeExec in waves' {
    BeforeEach {
        $script:requests = [System.Collections.ArrayList]::new()
        $script:rollouts = [System.Collections.Queue]::new()
        $script:waves = @{ w0 = @((Row 'PC1' 'succeeded'), (Row 'PC2' 'queued')); w1 = @((Row 'PC3' 'succeeded'), (Row 'PC4' 'failed')) }
        Mock -ModuleName Kanade -CommandName Start-Sleep -MockWith { }
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            if ($Method -eq 'POST') {
                $null = $script:requests.Add(($Body | ConvertTo-Json -Depth 20 | ConvertFrom-Json))
                return [pscustomobject] @{ exec_id = 'w0'; rollout_id = 'r1' }
            }
            # The last one stays.
            if ($Path -eq '/rollouts/r1' -and $script:rollouts.Count -gt 1) { return $script:rollouts.Dequeue() }
            if ($Path -eq '/rollouts/r1') { return $script:rollouts.Peek() }
            if ($Path -match '^/executions/(w\d)/targets$') {
                return Asked $script:waves[$Matches[1]] $Query
            }
            throw "unexpected $Method $Path"
        }
    }

    It 'says how many PCs each wave reaches, and gives the rollout' {
        $rollouts.Enqueue((Rollout 'running' @(@($waves.w0), $null)))
        $made = Invoke-KanadeExec -All -ScriptBlock { 1 } -Force -Wave 1, '10%', Canary, @{ Group = '7' }, '12' -MaxFailurePercent 2.5 -Soak 30m
        $sent = $requests[0].rollout
        $sent.waves[0], $sent.waves[1], $sent.waves[2].group, $sent.waves[3].group, $sent.waves[4] | Should -Be 1, '10%', 'Canary', '7', 12
        $sent.max_failure_percent, $sent.soak | Should -Be 2.5, '30m'
        $made.PSObject.TypeNames[0] | Should -Be 'Kanade.Rollout'
        $made.RolloutId, $made.Status, $made.WavesSent, $made.WaveCount | Should -Be 'r1', 'running', 1, 2
    }

    It 'is refused when a wave is none, and when limits are given without waves' {
        { Invoke-KanadeExec -All -ScriptBlock { 1 } -Wave 'all of them' } | Should -Throw -ErrorId 'Kanade.invalid_wave,Invoke-KanadeExec'
        { Invoke-KanadeExec -All -ScriptBlock { 1 } -MaxFailurePercent 5 } | Should -Throw -ErrorId 'Kanade.wave_missing,Invoke-KanadeExec'
        { Invoke-KanadeExec -All -ScriptBlock { 1 } -Soak 5m } | Should -Throw -ErrorId 'Kanade.wave_missing,Invoke-KanadeExec'
        $requests.Count | Should -Be 0
    }

    It 'waits through all waves, and gives each PC once' {
        $rollouts.Enqueue((Rollout 'running' @(@($waves.w0), $null)))
        $rollouts.Enqueue((Rollout 'running' @(@($waves.w0), @($waves.w1))))
        $rollouts.Enqueue((Rollout 'completed' @(@($waves.w0), @($waves.w1))))
        $results = Invoke-KanadeExec -ComputerName PC1, PC2, PC3, PC4 -ScriptBlock { 1 } -Wave 2, '100%' -Wait
        $results.ComputerName | Should -Be 'PC1', 'PC3', 'PC4', 'PC2'
        $results.State | Should -Be 'succeeded', 'succeeded', 'failed', 'queued'
        $results.ExecId | Should -Be 'w0', 'w1', 'w1', 'w0'
    }

    It 'gives what it has when the rollout halts, and says so as an error' {
        $rollouts.Enqueue((Rollout 'halted' @(@($waves.w0), $null) ([pscustomobject] @{ detail = '1 of 2 PCs failed' })))
        $results = Invoke-KanadeExec -ComputerName PC1, PC2 -ScriptBlock { 1 } -Wave 2, '100%' -Wait -ErrorVariable wrong -ErrorAction SilentlyContinue
        $results.ComputerName | Should -Be 'PC1', 'PC2'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.rollout_halted,Invoke-KanadeExec'
        "$wrong" | Should -BeLike '*1 of 2 PCs failed*'
    }

    It 'waits no longer than it is told' {
        $rollouts.Enqueue((Rollout 'running' @(@($waves.w0), $null)))
        $results = Invoke-KanadeExec -ComputerName PC1, PC2 -ScriptBlock { 1 } -Wave 2, '100%' -WaitTimeout 0 -WarningVariable warned -WarningAction SilentlyContinue
        $results.ComputerName | Should -Be 'PC1', 'PC2'
        "$warned" | Should -BeLike '*Get-KanadeRollout -RolloutId r1*'
    }
}

Describe 'Whom a target means' {
    BeforeEach {
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $agent = { param($Pc, $Retired) [pscustomobject] @{ pc_id = "PC$Pc"; online = $Pc % 3 -ne 0; retired_at = $Retired } }
            if ($Path -eq '/agents' -and $Query -and $Query['group'] -eq 'Lab') { return 1..4 | ForEach-Object -Process { & $agent $_ } }
            if ($Path -eq '/agents') { return 1..30 | ForEach-Object -Process { & $agent $_ } }
            if ($Path -match '^/agents/PC([1-7])$') { return & $agent $Matches[1] $(if ($Matches[1] -eq '7') { '2024-01-02T03:04:05Z' }) }
            Refusal 'not_found' 404
        }
    }

    It 'is told with how many are on, each PC once' {
        InModuleScope -ModuleName Kanade -ScriptBlock {
            Format-KanadeTarget -State -Target @{ all = $true } | Should -Be 'all PCs (30 PCs: 20 online, 10 offline)'
            Format-KanadeTarget -State -Target @{ groups = @('Lab'); pcs = @('PC1', 'PC5', 'PC6') } | Should -Be 'group Lab, PC1, PC5, PC6 (6 PCs: 4 online, 2 offline)'
            Format-KanadeTarget -State -Target @{ pcs = @('PC1', 'PC7', 'NOPE') } | Should -Be 'PC1, PC7, NOPE (1 PC: 1 online, 0 offline, 2 not enrolled)'
        }
    }

    It 'is not asked PC by PC when they are many' {
        InModuleScope -ModuleName Kanade -ScriptBlock {
            Format-KanadeTarget -State -Target @{ pcs = @(1..40 | ForEach-Object -Process { "PC$_" }) } | Should -BeLike '*PC10 and 30 more (30 PCs: 20 online, 10 offline, 10 not enrolled)'
        }
        Should -Invoke -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -Times 1 -Exactly
    }
}

Describe 'Many PCs' {
    BeforeEach {
        $script:posts = 0
        $script:questions = [System.Collections.ArrayList]::new()
        $script:consent = $null
        $script:fleet = @{ '' = 1..30; Lab = 1..15; Office = 10..25 }
        Mock -ModuleName Kanade -CommandName Request-KanadeConsent -MockWith {
            $null = $script:questions.Add($Question)
            $script:consent
        }
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            if ($Method -eq 'POST') {
                $script:posts++
                return [pscustomobject] @{ exec_id = 'e1' }
            }
            if ($Path -eq '/agents' -and $Query['group'] -eq 'typo') { return Refusal 'not_found' }
            if ($Path -eq '/agents') { return $script:fleet["$($Query.group)"] | ForEach-Object -Process { [pscustomobject] @{ pc_id = "PC$_"; online = $true } } }
            Execution @((Row 'PC1' 'queued'))
        }
        $names = 1..21 | ForEach-Object -Process { "PC$_" }
    }

    It 'are asked about, and run when that is confirmed' {
        $script:consent = $true
        ($names | Invoke-KanadeExec -ScriptBlock { 1 }).ExecId | Should -Be 'e1'
        $questions | Should -Be 'Run a script with powershell on 21 PCs?'
    }

    It 'are left alone when it is not' {
        $script:consent = $false
        $names | Invoke-KanadeExec -ScriptBlock { 1 } | Should -BeNullOrEmpty
        $posts | Should -Be 0
    }

    It 'are an error where nobody can be asked' {
        { $names | Invoke-KanadeExec -ScriptBlock { 1 } } | Should -Throw -ErrorId 'Kanade.confirmation_needed,Invoke-KanadeExec'
        $posts | Should -Be 0
    }

    It 'are counted at the backend when a group or all is said, each PC once' {
        { Invoke-KanadeExec -All -JobId tools } | Should -Throw -ErrorId 'Kanade.confirmation_needed,Invoke-KanadeExec'
        { Invoke-KanadeExec -Group Lab, Office -JobId tools } | Should -Throw -ErrorId 'Kanade.confirmation_needed,Invoke-KanadeExec'
        $null = Invoke-KanadeExec -Group Lab -JobId tools
        $questions | Should -Be 'Run the job tools on 30 PCs?', 'Run the job tools on 25 PCs?'
        $posts | Should -Be 1
    }

    It 'are nobody in a group that there is not: that is said when it is submitted' {
        $null = Invoke-KanadeExec -Group typo -JobId tools
        $posts | Should -Be 1
    }

    It 'are not asked about with -Force, -Confirm:$false, or when nothing is to be' {
        $null = $names | Invoke-KanadeExec -ScriptBlock { 1 } -Force
        $null = $names | Invoke-KanadeExec -ScriptBlock { 1 } -Confirm:$false
        & {
            $ConfirmPreference = 'None'
            $null = $names | Invoke-KanadeExec -ScriptBlock { 1 }
        }
        $questions.Count | Should -Be 0
        $posts | Should -Be 3
    }

    It 'are as many as $KanadeConfirmThreshold says' {
        $KanadeConfirmThreshold = 21
        $null = $names | Invoke-KanadeExec -ScriptBlock { 1 }
        $KanadeConfirmThreshold = 0
        { Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { 1 } } | Should -Throw -ErrorId 'Kanade.confirmation_needed,Invoke-KanadeExec'
        $posts | Should -Be 1
    }

    It 'are an error in a session that is not interactive' {
        & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command {
            param($Manifest)
            Import-Module -Name $Manifest
            $env:KANADE_SERVER = 'http://127.0.0.1:1'
            $env:KANADE_TOKEN = 't'
            try { 1..21 | ForEach-Object { "PC$_" } | Invoke-KanadeExec -ScriptBlock { 1 } } catch { $_.FullyQualifiedErrorId }
        } -args (Join-Path $PSScriptRoot '../../../Kanade.psd1') | Should -Be 'Kanade.confirmation_needed,Invoke-KanadeExec'
    }
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Answers.ps1')
}

Describe 'Update-KanadeAgent' {
    BeforeEach {
        $script:requests = [System.Collections.ArrayList]::new()
        $script:refusals = [System.Collections.Queue]::new()
        $script:releases = @(
            [pscustomobject] @{ version = '1.4.0'; platform = 'linux-x64' }
            [pscustomobject] @{ version = '1.3.0'; platform = 'win-x64' }
            [pscustomobject] @{ version = '1.2.0'; platform = 'win-x64' }
        )
        $script:rows = @((Row 'PC1' 'succeeded' 'r1'))
        Mock -ModuleName Kanade -CommandName Start-Sleep -MockWith { }
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            if ($Method -eq 'POST') {
                $null = $script:requests.Add(($Body | ConvertTo-Json -Depth 20 | ConvertFrom-Json))
                if ($script:refusals.Count -gt 0) { return $script:refusals.Dequeue() }
                return [pscustomobject] @{ exec_id = 'e1'; rollout_id = 'r1' }
            }
            if ($Path -eq '/releases') { return [pscustomobject] @{ items = $script:releases } }
            if ($Path -eq '/executions/e1') { return Execution $script:rows | Add-Member -NotePropertyName update_version -NotePropertyValue '1.3.0' -Force -PassThru }
            if ($Path -eq '/executions/e1/targets') { return Asked $script:rows $Query }
            if ($Path -eq '/rollouts/r1') { return Rollout 'running' @(, $script:rows) }
            if ($Path -eq '/agents') { return }
            if ($Path -eq '/agents/PC1') { return [pscustomobject] @{ pc_id = 'PC1'; online = $true; retired_at = $null } }
            if ($Path -like '/results/*') { return [pscustomobject] @{ pc_id = 'PC1'; stdout = ''; stderr = ''; stdout_chunks = 0; stderr_chunks = 0 } }
            throw "unexpected $Method $Path"
        }
    }

    It 'updates to the highest version for Windows, whatever is said of a PC' {
        $made = 'pc1', [pscustomobject] @{ ComputerName = 'PC2' }, [pscustomobject] @{ Group = 'Lab' } | Update-KanadeAgent
        $requests.Count | Should -Be 1
        $requests[0].update.version | Should -Be '1.3.0'
        $requests[0].target.pcs | Should -Be 'PC1', 'PC2'
        $requests[0].target.groups | Should -Be 'Lab'
        $requests[0].PSObject.Properties.Name | Sort-Object | Should -Be 'target', 'update'
        $made.PSTypeNames[0] | Should -Be 'Kanade.Execution'
        $made.UpdateTo | Should -Be '1.3.0'
    }

    It 'takes what goes with an update' {
        $null = Update-KanadeAgent -Group Lab -Version 1.2.0 -Jitter 30m -Timeout 2h -ExpiresIn ([timespan]::FromDays(2))
        $null = Update-KanadeAgent -All -Version 1.2.0
        $requests[0].update.version, $requests[0].jitter, $requests[0].timeout, $requests[0].expires_in | Should -Be '1.2.0', '30m', '2h', '172800s'
        $requests[0].target.groups | Should -Be 'Lab'
        $requests[1].target.all | Should -BeTrue
        { Update-KanadeAgent -ComputerName PC1 -Version 1.2 } | Should -Throw -ErrorId 'ParameterArgumentValidationError,Update-KanadeAgent'
    }

    It 'goes out in waves' {
        $made = Update-KanadeAgent -All -Wave Canary, '10%', 100 -MaxFailurePercent 5 -Soak 1d -Force
        $made.PSTypeNames[0] | Should -Be 'Kanade.Rollout'
        $rollout = $requests[0].rollout
        $rollout.waves[0].group, $rollout.waves[1], $rollout.waves[2] | Should -Be 'Canary', '10%', 100
        $rollout.max_failure_percent, $rollout.soak | Should -Be 5, '1d'
        { Update-KanadeAgent -All -Soak 1d } | Should -Throw -ErrorId 'Kanade.wave_missing,Update-KanadeAgent'
    }

    It 'waits for the results' {
        $result = Update-KanadeAgent -ComputerName PC1 -Wait
        $result.PSTypeNames[0] | Should -Be 'Kanade.ExecResult'
        $result.ComputerName, $result.State | Should -Be 'PC1', 'succeeded'
    }

    It 'asks when many are meant, and sends nothing when nobody can be asked' {
        $many = 1..21 | ForEach-Object -Process { "PC$_" }
        { $many | Update-KanadeAgent -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.confirmation_needed,Update-KanadeAgent'
        $requests.Count | Should -Be 0
        $null = $many | Update-KanadeAgent -Force
        $null = $many | Update-KanadeAgent -Confirm:$false
        $requests.Count | Should -Be 2
    }

    It 'updates nothing with -WhatIf, and without a PC or a release' {
        Update-KanadeAgent -ComputerName PC1 -WhatIf | Should -BeNullOrEmpty
        @() | Update-KanadeAgent | Should -BeNullOrEmpty
        $script:releases = @($releases[0])
        { Update-KanadeAgent -ComputerName PC1 } | Should -Throw -ErrorId 'Kanade.unknown_release,Update-KanadeAgent'
        $requests.Count | Should -Be 0
    }

    It 'goes to the others when a PC is not known' {
        $refusals.Enqueue((Refusal 'unknown_pc' -Faults @([pscustomobject] @{ pointer = '/target/pcs/1'; code = 'unknown_pc'; message = 'no' })))
        $made = Update-KanadeAgent -ComputerName PC1, NOPE -ErrorVariable wrong -ErrorAction SilentlyContinue
        $made.ExecId | Should -Be 'e1'
        $requests[1].target.pcs | Should -Be 'PC1'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.unknown_pc,Update-KanadeAgent'
        $wrong.TargetObject | Should -Be 'NOPE'
    }
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Answers.ps1')
}

Describe 'Get-KanadeExec' {
    BeforeEach {
        $script:asked = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Path = $Path; Query = $(if ($Query) { $Query.Clone() }); First = $First })
            Execution @((Row 'PC1' 'succeeded'), (Row 'PC2' 'timed_out'), (Row 'PC3' 'expired'))
        }
    }

    It 'counts what has failed apart from what was not run' {
        $it = Get-KanadeExec -ExecId e1
        $it.Succeeded, $it.Failed, $it.NotRun, $it.TargetCount | Should -Be 1, 1, 1, 3
        $it.Target | Should -Be 'PC1, PC2'
    }

    It 'takes executions and results from the pipeline' {
        $null = [pscustomobject] @{ ExecId = 'e7' } | Get-KanadeExec
        $asked[0].Path | Should -Be '/executions/e7'
    }

    It 'filters at the backend' {
        $null = Get-KanadeExec -State failed, lost -Since ([datetime]::new(2024, 1, 2, 0, 0, 0, [System.DateTimeKind]::Utc)) -First 3
        $asked[0].Query.state | Should -Be 'failed,lost'
        $asked[0].Query.since | Should -Be '2024-01-02T00:00:00.000Z'
        $asked[0].First | Should -Be 3
    }

    It 'looks for what was for a PC, each execution once' {
        $null = Get-KanadeExec -ComputerName pc1.example.com -State failed -First 3
        $asked[0].Path, $asked[0].Query.pc, $asked[0].Query.state, $asked[0].First | Should -Be '/executions', 'PC1', 'failed', 3
        $agents = 'PC1', 'PC2' | ForEach-Object -Process { [pscustomobject] @{ PSTypeName = 'Kanade.Agent'; ComputerName = $_; Online = $true } }
        @($agents | Get-KanadeExec).Count | Should -Be 1
        @($agents | Get-KanadeExec -State succeeded).Count | Should -Be 1
        $asked[1..4].Query.pc | Should -Be 'PC1', 'PC2', 'PC1', 'PC2'
        # A result names both, and its execution is what is meant.
        $null = [pscustomobject] @{ ComputerName = 'PC1'; ExecId = 'e7' } | Get-KanadeExec
        $asked[5].Path | Should -Be '/executions/e7'
        [pscustomobject] @{ PSTypeName = 'Kanade.Group'; Group = 'Lab' } | Get-KanadeExec -ErrorVariable wrong -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_a_target,Get-KanadeExec'
    }

    It 'are all that there are since a time, unless it is told how many' {
        $null = Get-KanadeExec -Since ([datetime]::new(2024, 1, 2))
        $null = Get-KanadeExec
        $asked.First | Should -Be ([int]::MaxValue), 50
    }
}

Describe 'Results of executions' {
    BeforeEach {
        $script:rows = @{ e1 = @((Row 'PC1' 'succeeded'), (Row 'PC2' 'failed'), (Row 'PC3' 'queued')); e2 = @((Row 'PC1' 'running')) }
        $script:offline = @('PC3')
        $script:posts = [System.Collections.ArrayList]::new()
        $script:refused = @{}
        $script:slept = 0
        $script:lists = 0
        Mock -ModuleName Kanade -CommandName Start-Sleep -MockWith { if (++$script:slept -gt 100) { throw 'It waits for ever.' } }
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            if ($Method -eq 'POST') {
                $null = $script:posts.Add([pscustomobject] @{ Path = $Path; Body = $Body; Key = $IdempotencyKey })
                if ($script:refused["$Path"]) { return $script:refused["$Path"] }
                if ($Path -like '*/rerun') { return [pscustomobject] @{ exec_id = 'e2' } }
                return [pscustomobject] @{ cancelled = 1 }
            }
            if ($Path -eq '/agents') { return $script:offline | ForEach-Object -Process { [pscustomobject] @{ pc_id = $_ } } }
            if ($Path -notmatch '^/executions/(e[12])(/targets)?$') { return Refusal 'not_found' }
            $script:lists += [bool] $Matches[2]
            $rows = $script:rows[$Matches[1]]
            if (-not $Matches[2]) { return Execution $rows $Matches[1] }
            Asked $rows $Query
        }
    }

    It 'are received as they are, of all PCs or some' {
        $all = 'e1', 'e2' | Receive-KanadeExec
        $all[0].PSObject.TypeNames[0] | Should -Be 'Kanade.ExecResult'
        $all.ComputerName | Should -Be 'PC1', 'PC2', 'PC3', 'PC1'
        $all.ExecId | Should -Be 'e1', 'e1', 'e1', 'e2'
        (Receive-KanadeExec -ExecId e1 -State failed, queued).ComputerName | Should -Be 'PC2', 'PC3'
        (Receive-KanadeExec -ExecId e1 -ComputerName pc2.example.com, pc1).ComputerName | Should -Be 'PC1', 'PC2'
        (Receive-KanadeExec -ExecId e1 -ComputerName PC1, PC2 -State failed).ComputerName | Should -Be 'PC2'
        Should -Invoke -ModuleName Kanade -CommandName Start-Sleep -Times 0 -Exactly
    }

    It 'are received of what comes down the pipeline: executions, and single results' {
        (Get-KanadeExec -ExecId e1 | Receive-KanadeExec).Count | Should -Be 3
        (Receive-KanadeExec -ExecId e1 -State failed | Receive-KanadeExec).ComputerName | Should -Be 'PC2'
    }

    It 'are asked for of a hundred PCs at a time' {
        $script:rows.e1 = 1..250 | ForEach-Object -Process { Row "PC$_" 'succeeded' }
        $names = 2..250 | ForEach-Object -Process { "pc$_.example.com" }
        (Receive-KanadeExec -ExecId e1 -ComputerName $names).ComputerName | Should -Be (2..250 | ForEach-Object -Process { "PC$_" })
        $lists | Should -Be 3
    }

    It 'are an error of its own for each execution and PC that is not known' {
        $found = 'e9', 'e1' | Receive-KanadeExec -ComputerName PC1, PC9, 'a b' -ErrorVariable wrong -ErrorAction SilentlyContinue
        $found.ComputerName | Should -Be 'PC1'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Receive-KanadeExec', 'Kanade.unknown_pc,Receive-KanadeExec', 'Kanade.unknown_pc,Receive-KanadeExec'
        $wrong.TargetObject | Sort-Object | Should -Be 'a b', 'e9', 'PC9'
    }

    It 'are followed of one PC only' {
        { Receive-KanadeExec -ExecId e1 -Follow } | Should -Throw -ErrorId 'Kanade.follow_one_pc,Receive-KanadeExec'
    }

    It 'are waited for until no PC that is online is left' {
        Mock -ModuleName Kanade -CommandName Start-Sleep -MockWith { $script:rows.e2 = @((Row 'PC1' 'failed')) }
        $ended = 'e2', 'e1' | Wait-KanadeExec
        $ended.ExecId | Should -Be 'e1', 'e2'
        $ended[0].PSObject.TypeNames[0] | Should -Be 'Kanade.Execution'
        $ended.Queued | Should -Be 1, 0
    }

    It 'are waited for on PCs that are off when that is asked for' {
        Mock -ModuleName Kanade -CommandName Start-Sleep -MockWith { $script:rows.e1[2] = Row 'PC3' 'succeeded' }
        (Wait-KanadeExec -ExecId e1 -IncludeOffline).Queued | Should -Be 0
    }

    It 'are waited for no longer than it is told' {
        $ended = 'e2', 'e9', 'e1' | Wait-KanadeExec -Timeout 0 -ErrorVariable wrong -ErrorAction SilentlyContinue
        $ended.ExecId | Should -Be 'e1'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Wait-KanadeExec', 'Kanade.wait_timed_out,Wait-KanadeExec'
        $wrong.TargetObject | Should -Be 'e9', 'e2'
        { Wait-KanadeExec -ExecId e1 -Timeout soon } | Should -Throw -ErrorId 'Kanade.invalid_duration,Wait-KanadeExec'
    }

    It 'stop coming when the execution is cancelled, wholly or on some PCs' {
        (Stop-KanadeExec -ExecId e1 -Confirm:$false).ExecId | Should -Be 'e1'
        $null = Receive-KanadeExec -ExecId e1 -State failed, queued | Stop-KanadeExec -Confirm:$false
        $posts.Path | Should -Be '/executions/e1/cancel', '/executions/e1/cancel'
        $posts[0].Body | Should -BeNullOrEmpty
        $posts[1].Body.pcs | Should -Be 'PC2', 'PC3'
    }

    It 'are not looked for any longer where no backend answers' {
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith { Refusal 'http_404' -Status 0 }
        foreach ($command in 'Get-KanadeExec', 'Wait-KanadeExec', 'Receive-KanadeExec') {
            { & $command -ExecId e1, e2 } | Should -Throw -ErrorId "Kanade.http_404,$command"
        }
        foreach ($command in 'Get-KanadeRollout', 'Suspend-KanadeRollout') {
            { & $command -RolloutId r1, r2 } | Should -Throw -ErrorId "Kanade.http_404,$command"
        }
    }

    It 'stop coming of all when one names the execution and another a PC of it' {
        $null = @([pscustomobject] @{ ExecId = 'e1'; ComputerName = 'PC1' }, [pscustomobject] @{ ExecId = 'e1' }) | Stop-KanadeExec -Confirm:$false
        $posts.Count | Should -Be 1
        $posts[0].Body | Should -BeNullOrEmpty
    }

    It 'stop coming of the others when one is not cancelled, unless none would be' {
        $refused['/executions/e1/cancel'] = Refusal 'unknown_pc'
        ('e1', 'e2' | Stop-KanadeExec -Confirm:$false -ErrorVariable wrong -ErrorAction SilentlyContinue).ExecId | Should -Be 'e2'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.unknown_pc,Stop-KanadeExec'
        $wrong.TargetObject | Should -Be 'e1'
        $posts.Clear()
        $refused['/executions/e1/cancel'] = Refusal 'forbidden' -Status 403
        { 'e1', 'e2' | Stop-KanadeExec -Confirm:$false } | Should -Throw -ErrorId 'Kanade.forbidden,Stop-KanadeExec'
        $posts.Count | Should -Be 1
    }

    It 'are not cancelled where all have ended: that is said, and nobody is asked' {
        Mock -ModuleName Kanade -CommandName Assert-KanadePrompt -MockWith { throw 'Somebody is asked.' }
        $script:rows.e2 = @((Row 'PC1' 'failed'))
        (Stop-KanadeExec -ExecId e2 -WarningVariable said -WarningAction SilentlyContinue).ExecId | Should -Be 'e2'
        "$said" | Should -BeLike '*e2 has ended on all its PCs*'
        $null = Receive-KanadeExec -ExecId e1 -State failed | Stop-KanadeExec -WarningVariable said -WarningAction SilentlyContinue
        "$said" | Should -BeLike '*e1 has ended on PC2*'
        $posts.Count | Should -Be 0
    }

    It 'go on when nothing is to be cancelled after all' {
        Stop-KanadeExec -ExecId e1 -WhatIf
        Stop-KanadeExec -ExecId e1 -ComputerName PC9 -ErrorVariable wrong -ErrorAction SilentlyContinue
        'e9' | Stop-KanadeExec -ErrorVariable +wrong -ErrorAction SilentlyContinue
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.unknown_pc,Stop-KanadeExec', 'Kanade.not_found,Stop-KanadeExec'
        $posts.Count | Should -Be 0
    }

    It 'come again of the PCs that have failed, once for each execution' {
        $made = Receive-KanadeExec -ExecId e1 | Restart-KanadeExec
        $made.ExecId | Should -Be 'e2'
        $posts.Count | Should -Be 1
        $posts[0].Path | Should -Be '/executions/e1/rerun'
        $posts[0].Body.states | Should -Be 'failed', 'timed_out', 'unknown', 'lost'
        $posts[0].Key | Should -Not -BeNullOrEmpty
        $null = Restart-KanadeExec -ExecId e1 -State succeeded
        $posts[1].Body.states | Should -Be 'succeeded'
    }

    It 'come again of no PC when none is meant, and none with -WhatIf' {
        Restart-KanadeExec -ExecId e1 -WhatIf
        'e2', 'e9' | Restart-KanadeExec -ErrorVariable wrong -ErrorAction SilentlyContinue
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.target_empty,Restart-KanadeExec', 'Kanade.not_found,Restart-KanadeExec'
        $posts.Count | Should -Be 0
    }

    It 'come again of many PCs only when that is confirmed' {
        Mock -ModuleName Kanade -CommandName Request-KanadeConsent -MockWith { $null }
        $script:rows.e1 = 1..21 | ForEach-Object -Process { Row "PC$_" 'failed' }
        { Restart-KanadeExec -ExecId e1 } | Should -Throw -ErrorId 'Kanade.confirmation_needed,Restart-KanadeExec'
        (Restart-KanadeExec -ExecId e1 -Force).ExecId | Should -Be 'e2'
    }
}

Describe 'The views of a result' {
    It 'show no control sequence of a PC, and leave the object as it is' {
        $escape = [char] 27
        $text = "${escape}[31mred${escape}[0m${escape}]52;c;eA==$([char] 7)$([char] 0x9B)2J`tx`r`ny"
        $result = [pscustomobject] @{ PSTypeName = 'Kanade.ExecResult'; ComputerName = 'PC1'; State = 'Failed'; Reason = $text; ExitCode = 1; Stdout = $text; Stderr = $text; StartedAt = $null; FinishedAt = $null; RebootRequired = $false; ExecId = 'e1' }
        foreach ($shown in ($result | Format-Table | Out-String -Width 200), ($result | Format-List | Out-String -Width 200)) {
            # The colours are PowerShell's own.
            $plain = $shown -replace '\x1b\[[0-9;]*m'
            $plain | Should -BeLike '*red*52;c;eA==2J*x*'
            $plain | Should -Not -Match '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]'
        }
        $result.Stdout | Should -BeExactly $text
    }

    It 'show why a PC has written nothing, and no empty line behind what it wrote' {
        $made = { param($State, $Reason, $Stdout) [pscustomobject] @{ PSTypeName = 'Kanade.ExecResult'; ComputerName = 'PC1'; State = $State; Reason = $Reason; ExitCode = $null; Stdout = $Stdout; Stderr = ''; StartedAt = $null; FinishedAt = $null; RebootRequired = $false; ExecId = 'e1' } }
        & $made 'skipped' 'superseded' $null | Format-Table | Out-String -Width 110 | Should -Match 'PC1 +skipped +\(superseded\)'
        & $made 'failed' 'agent_stop' "half`n" | Format-Table | Out-String -Width 110 | Should -Match 'PC1 +failed +half'
        & $made 'succeeded' $null "one`ntwo`r`n" | Format-List | Out-String | Should -Match '(?s)one\r?\n[^\n]*two *\r?\n[^\n]*Stderr'
    }
}

Describe 'The view of an execution' {
    It 'has columns that add up to the PCs it was for' {
        $rows = 'queued', 'running', 'succeeded', 'failed', 'timed_out', 'killed', 'unknown', 'skipped', 'expired', 'cancelled', 'lost' | ForEach-Object -Process { Row 'PC1' $_ }
        $it = InModuleScope -ModuleName Kanade -Parameters @{ Of = Execution $rows 'e1' } -ScriptBlock { param($Of) ConvertTo-KanadeExecution -InputObject $Of }
        $it.Succeeded + $it.Failed + $it.NotRun + $it.Running + $it.Queued | Should -Be $it.TargetCount
        $it | Format-Table | Out-String -Width 120 | Should -Match '(?s)PCs +Succeeded +Failed +NotRun +Running +Queued +What.* 11 +1 +5 +3 +1 +1 +hostname'
    }
}

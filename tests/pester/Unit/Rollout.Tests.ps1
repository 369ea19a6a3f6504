BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Answers.ps1')
}

Describe 'Rollouts' {
    BeforeEach {
        $script:posts = [System.Collections.ArrayList]::new()
        $script:asked = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            if ($Path -like '/rollouts/r9*') { return Refusal 'not_found' }
            if ($Method -eq 'POST') {
                $null = $script:posts.Add([pscustomobject] @{ Path = $Path; Body = $Body })
                if ($Path -like '/rollouts/over/*') { return Refusal 'rollout_state' -Status 409 }
                return Rollout 'paused' @(@((Row 'PC1' 'succeeded'), (Row 'PC2' 'queued')), $null)
            }
            $null = $script:asked.Add([pscustomobject] @{ Path = $Path; Query = $Query; First = $First })
            if ($Path -eq '/rollouts') {
                return @([pscustomobject] @{ rollout_id = 'bad'; status = 'unreadable'; created_at = $null; actor = $null; job_id = $null; schedule_id = $null; target_count = $null; waves = $null; waves_started = $null; error = 'it is no JSON' }
                    [pscustomobject] @{ rollout_id = 'r1'; status = 'running' })
            }
            Rollout 'halted' @(@((Row 'PC1' 'succeeded'), (Row 'PC2' 'failed')), $null) ([pscustomobject] @{ detail = '1 of 2 PCs failed' })
        }
    }

    It 'show how far each wave is, what happened and what is next' {
        $it = Get-KanadeRollout -RolloutId r1
        $it.PSObject.TypeNames[0] | Should -Be 'Kanade.Rollout'
        $it.Status, $it.Target, $it.TargetCount, $it.WaveCount, $it.WavesSent, $it.Succeeded, $it.Failed | Should -Be 'halted', 'all', 4, 2, 1, 1, 1
        $it.Next | Should -Be '1 of 2 PCs failed'
        $it.Waves[0].PSObject.TypeNames[0] | Should -Be 'Kanade.RolloutWave'
        $it.Waves.Wave | Should -Be 0, 1
        $it.Waves[0].ExecId | Should -Be 'w0'
        $it.Waves[1].ExecId | Should -BeNullOrEmpty
        $it.History[0].What, $it.History[0].By | Should -Be 'started', 'admin'
        $it.ExecId | Should -Be 'w0'
    }

    It 'are listed newest first, also those that cannot be read' {
        $list = Get-KanadeRollout -Status running, unreadable -First 7
        $list.RolloutId | Should -Be 'bad', 'r1'
        $list[0].Status, $list[0].Next, $list[0].WaveCount | Should -Be 'unreadable', 'it is no JSON', 0
        $asked[0].Query.status, $asked[0].First | Should -Be 'running,unreadable', 7
    }

    It 'have a table and a list that can be read' {
        $it = Get-KanadeRollout -RolloutId r1
        $it | Format-Table | Out-String -Width 200 | Should -Match 'r1 +halted .* 1/2 +4 +1 +1 +1 of 2 PCs failed'
        $it | Format-List | Out-String -Width 200 | Should -Match '(?s)0: 1 of 2 succeeded, 1 failed.*started by admin'
        $it.Waves | Format-Table | Out-String -Width 200 | Should -Match 'w0'
    }

    It 'are paused, resumed, moved on and ended, and given as they are then' {
        $it = [pscustomobject] @{ RolloutId = 'r1' }
        ($it | Suspend-KanadeRollout).Status | Should -Be 'paused'
        $null = $it | Resume-KanadeRollout
        $null = $it | Step-KanadeRollout
        $null = $it | Stop-KanadeRollout -Confirm:$false
        $null = $it | Stop-KanadeRollout -CancelQueued -Confirm:$false
        $null = $it | Stop-KanadeRollout -CancelQueued:$false -Confirm:$false
        $posts.Path | Should -Be '/rollouts/r1/pause', '/rollouts/r1/resume', '/rollouts/r1/advance', '/rollouts/r1/abort', '/rollouts/r1/abort', '/rollouts/r1/abort'
        $posts[3].Body | Should -BeNullOrEmpty
        $posts[4].Body.cancel_queued, $posts[5].Body.cancel_queued | Should -Be $true, $false
    }

    It 'stay as they are with -WhatIf' {
        foreach ($verb in 'Suspend', 'Resume', 'Step', 'Stop') { & "$verb-KanadeRollout" -RolloutId r1 -WhatIf }
        $posts.Count | Should -Be 0
    }

    It 'are an error of their own when they are not known or their state does not allow it' {
        $done = 'r9', 'over', 'r1' | Suspend-KanadeRollout -ErrorVariable wrong -ErrorAction SilentlyContinue
        $done.RolloutId | Should -Be 'r1'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Suspend-KanadeRollout', 'Kanade.rollout_state,Suspend-KanadeRollout'
        $wrong.CategoryInfo.Category | Should -Be 'ObjectNotFound', 'InvalidOperation'
        { Get-KanadeRollout -RolloutId r9 -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Get-KanadeRollout'
    }
}

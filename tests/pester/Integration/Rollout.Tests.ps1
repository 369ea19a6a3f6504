# Waves, with the backend and the PCs of Exec.Tests.ps1: whoever is online goes first.
BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    $PSDefaultParameterValues = @{ 'Invoke-KanadeExec:Shell' = 'pwsh' }
    $null = Connect-Kanade
}

AfterAll {
    Disconnect-Kanade
}

Describe 'A rollout' -Tag 'Integration' {
    It 'goes out in waves, and its results come as those of one execution' {
        $results = Invoke-KanadeExec -ComputerName PC1, PC2 -ScriptBlock { 'wave' } -Wave 1, '100%' -Wait
        $results.ComputerName | Should -Be 'PC1', 'PC2'
        $results.State | Should -Be 'succeeded', 'queued'
        $results[0].ExecId | Should -Not -Be $results[1].ExecId
        $rollout = $results[0] | Get-KanadeExec | Get-KanadeRollout
        $rollout.Status, $rollout.WavesSent, $rollout.Succeeded, $rollout.Unreachable | Should -Be 'completed', 2, 1, 1
        ($rollout | Receive-KanadeExec).ComputerName | Should -Be 'PC1', 'PC2'
        (Get-KanadeExec -RolloutId $rollout.RolloutId).Wave | Should -Be 1, 0
        { $rollout | Suspend-KanadeRollout -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.rollout_state,Suspend-KanadeRollout'
    }

    It 'halts when too many fail, goes on when a person says so' {
        $results = Invoke-KanadeExec -ComputerName PC1, PC2 -ScriptBlock { exit 1 } -Wave 1, '100%' -Wait -ErrorVariable wrong -ErrorAction SilentlyContinue
        $results.State | Should -Be 'failed'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.rollout_halted,Invoke-KanadeExec'
        $rollout = Get-KanadeRollout -Status halted -First 1
        $rollout.RolloutId | Should -Be $wrong.TargetObject
        $rollout.Next | Should -BeLike '1 of 1 PCs failed*'
        ($rollout | Resume-KanadeRollout).Status | Should -Be 'running'
        $null = $rollout | Stop-KanadeRollout -CancelQueued -Confirm:$false -ErrorAction SilentlyContinue
    }

    It 'waits when it is paused, is moved on, and is ended' {
        $rollout = Invoke-KanadeExec -ComputerName PC1, PC2 -ScriptBlock { 1 } -Wave 1, '100%' -Soak 1h
        $rollout.Status, $rollout.WaveCount | Should -Be 'running', 2
        ($rollout | Suspend-KanadeRollout).Status | Should -Be 'paused'
        ($rollout | Resume-KanadeRollout).Status | Should -Be 'running'
        ($rollout | Step-KanadeRollout).History[-1].What | Should -Be 'advanced'
        ($rollout | Stop-KanadeRollout -CancelQueued -Confirm:$false).Status | Should -Be 'aborted'
        ($rollout | Get-KanadeRollout).History.What | Should -Contain 'resumed'
    }
}

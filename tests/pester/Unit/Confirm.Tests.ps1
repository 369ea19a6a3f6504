BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
}

Describe 'A change that is felt at once' {
    BeforeDiscovery {
        $calls = @(
            @{ Name = 'Stop-KanadeExec'; With = @{ ExecId = 'e1' } }
            @{ Name = 'Set-KanadeFreeze'; With = @{} }
            @{ Name = 'Revoke-KanadeJob'; With = @{ JobId = 'j1' } }
            @{ Name = 'Stop-KanadeRollout'; With = @{ RolloutId = 'r1' } }
            @{ Name = 'Remove-KanadeJob'; With = @{ JobId = 'j1' } }
            @{ Name = 'Remove-KanadeSchedule'; With = @{ ScheduleId = 's1' } }
            @{ Name = 'Remove-KanadeGroup'; With = @{ Group = 'g1' } }
            @{ Name = 'Approve-KanadeEnrolment'; With = @{ EnrolmentId = 'U1' } }
            @{ Name = 'Deny-KanadeEnrolment'; With = @{ EnrolmentId = 'U1' } }
            @{ Name = 'Revoke-KanadeAgent'; With = @{ ComputerName = 'PC1' } }
            @{ Name = 'Remove-KanadeAgent'; With = @{ ComputerName = 'PC1' } }
            @{ Name = 'New-KanadeCommandKey'; With = @{} }
            @{ Name = 'Revoke-KanadeCommandKey'; With = @{ KeyId = 'k1' } }
            @{ Name = 'Remove-KanadeRelease'; With = @{ ReleaseId = '1_1_0-win-x64' } }
            @{ Name = 'Rename-KanadeAgent'; With = @{ ComputerName = 'PC1'; NewName = 'PC2' } }
        )
    }

    BeforeEach {
        $script:changes = 0
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            if ($Method -in 'POST', 'PUT', 'DELETE') {
                $script:changes++
                throw 'changed'
            }
            if ($Path -eq '/schedules') { return }
            if ($Path -eq '/groups/g1') { return [pscustomobject] @{ group = 'g1'; kind = 'dynamic'; members = @() } }
            if ($Path -eq '/agents/PC1') { return [pscustomobject] @{ pc_id = 'PC1'; online = $true; retired_at = $null } }
            if ($Path -eq '/agents/PC1/queue') { return [pscustomobject] @{ items = @(); next = $null } }
            if ($Path -eq '/enrolments/U1') { return [pscustomobject] @{ pc_id = 'PC1'; reason = 'name_taken'; source_ip = $null } }
            [pscustomobject] @{ status = 'running'; counts = [pscustomobject] @{ queued = 1; running = 0 } }
        }
    }

    It 'is asked about by <Name>: where nobody can be asked that is an error' -ForEach $calls {
        Mock -ModuleName Kanade -CommandName Test-KanadePrompt -MockWith { $false }
        (Get-Command -Name $Name).ScriptBlock.Attributes.ConfirmImpact | Should -Be 'High'
        { & $Name @With } | Should -Throw -ErrorId "Kanade.confirmation_needed,$Name"
        $changes | Should -Be 0
    }

    It 'is not asked about by <Name> with -Confirm:$false, or when nothing is to be' -ForEach $calls {
        Mock -ModuleName Kanade -CommandName Test-KanadePrompt -MockWith { $false }
        { & $Name @With -Confirm:$false } | Should -Throw -ExpectedMessage 'changed'
        { & { $ConfirmPreference = 'None'; & $Name @With } } | Should -Throw -ExpectedMessage 'changed'
        $changes | Should -Be 2
    }

    It 'is an error in a session that is not interactive' {
        & (Get-Process -Id $PID).Path -NoProfile -NonInteractive -Command {
            param($Manifest)
            Import-Module -Name $Manifest
            $env:KANADE_SERVER = 'http://127.0.0.1:1'
            $env:KANADE_TOKEN = 't'
            try { Set-KanadeFreeze } catch { $_.FullyQualifiedErrorId }
        } -args (Join-Path $PSScriptRoot '../../../Kanade.psd1') | Should -Be 'Kanade.confirmation_needed,Set-KanadeFreeze'
    }
}

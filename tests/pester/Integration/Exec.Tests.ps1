# Against a backend with an agent named PC1 that is online, and one named PC2 that is enrolled and off; both of this machine.
# KANADE_SERVER and KANADE_TOKEN say where.
BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    $PSDefaultParameterValues = @{ 'Invoke-KanadeExec:Shell' = 'pwsh' }
}

AfterAll {
    Disconnect-Kanade
}

Describe 'With a backend and an agent' -Tag 'Integration' {
    It 'an admin connects, runs a command and sees what came back' {
        (Connect-Kanade).Server | Should -Be ([uri] $env:KANADE_SERVER)
        $result = 'PC1' | Invoke-KanadeExec -ScriptBlock { hostname } -Wait
        $result.ComputerName | Should -Be 'PC1'
        $result.State | Should -Be 'succeeded'
        $result.ExitCode | Should -Be 0
        $result.Stdout.Trim() | Should -Be (hostname)
        $result.FinishedAt | Should -BeGreaterThan (Get-Date).AddMinutes(-5)
        ($result | Get-KanadeExec).Status | Should -Be 'done'
    }

    It 'gets the PCs, and runs something on what it gets' {
        (Get-KanadeAgent).ComputerName | Should -Be 'PC1', 'PC2'
        (Get-KanadeAgent -Online).ComputerName | Should -Be 'PC1'
        (Get-KanadeAgent -Online | Invoke-KanadeExec -ScriptBlock { 'hello' } -Wait).Stdout | Should -Be "hello`n"
    }

    It 'passes values as they are, and brings text back as it was' {
        $odd = 'it''s "quoted" $(Get-Date); ' + [char] 0x65E5 + [char] 0xFC
        $result = Invoke-KanadeExec -ComputerName PC1 -Wait -ArgumentList 'a"b', @(1, $null) -Parameter @{ Table = @{ k = $true } } -ScriptBlock {
            param($First, $List, $Table)
            [Console]::Out.Write("$using:odd|$First|$($List.Count)|$($Table.k)|$($using:odd.Length)")
        }
        $result.Stdout | Should -BeExactly "$odd|a`"b|2|True|$($odd.Length)"
        (Invoke-KanadeExec -ComputerName PC1 -Wait -ScriptBlock { [Console]::Out.Write('2024-01-02T03:04:05Z') }).Stdout | Should -BeExactly '2024-01-02T03:04:05Z'
    }

    It 'brings back all of a long output' {
        $result = Invoke-KanadeExec -ComputerName PC1 -Wait -ScriptBlock { [Console]::Out.Write('x' * 900000 + 'end') }
        $result.Stdout.Length | Should -Be 900003
        $result.Stdout | Should -BeLike '*end'
    }

    It 'runs a script file' {
        $file = Join-Path $TestDrive 'it.ps1'
        [System.IO.File]::WriteAllText($file, 'param([switch] $Force) "force $Force"; exit 7')
        $result = Invoke-KanadeExec -ComputerName pc1.example.com -FilePath $file -Parameter @{ Force = $true } -SuccessExitCode 7 -Wait
        $result.State, $result.ExitCode, $result.Stdout | Should -Be 'succeeded', 7, "force True`n"
    }

    It 'tells what failed and why' {
        $result = Invoke-KanadeExec -ComputerName PC1 -Wait -ScriptBlock { throw 'oh no' }
        $result.State, $result.ExitCode | Should -Be 'failed', 1
        $result.Stderr | Should -BeLike '*oh no*'
        (Invoke-KanadeExec -ComputerName PC1 -Wait -Timeout 1 -ScriptBlock { Start-Sleep -Seconds 60 }).State | Should -Be 'timed_out'
    }

    It 'does not wait for a PC that is off, and says that it is queued' {
        $results = 'PC2', 'PC1' | Invoke-KanadeExec -ScriptBlock { 1 } -Wait -WarningVariable warned
        $results.ComputerName | Should -Be 'PC1', 'PC2'
        $results.State | Should -Be 'succeeded', 'queued'
        $warned | Should -BeNullOrEmpty -Because 'its time was not over'
    }

    It 'says which PC is not known, and runs on the others' {
        $results = 'PC1', 'PC9' | Invoke-KanadeExec -ScriptBlock { 1 } -Wait -ErrorVariable wrong -ErrorAction SilentlyContinue
        $results.ComputerName | Should -Be 'PC1'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.unknown_pc,Invoke-KanadeExec'
        $wrong.TargetObject | Should -Be 'PC9'
    }

    It 'gives the execution at once, which is followed by its id' {
        $exec = Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { Start-Sleep -Seconds 1000 }
        $exec.Status | Should -Be 'running'
        ($exec | Get-KanadeExec).ExecId | Should -Be $exec.ExecId
        (Get-KanadeExec -First 1).ExecId | Should -Be $exec.ExecId
        (Get-KanadeAgent -ComputerName PC1 | Get-KanadeExec -First 1).ExecId | Should -Be $exec.ExecId
        (Get-KanadeExec -ComputerName PC9) | Should -BeNullOrEmpty
        $exec | Stop-KanadeExec -Confirm:$false
        $exec | Wait-KanadeExec
    }

    It 'tells every error by its id' {
        { Invoke-KanadeExec -All -JobId no-such-job } | Should -Throw -ErrorId 'Kanade.unknown_job,Invoke-KanadeExec'
        { Invoke-KanadeExec -Group no-such-group -ScriptBlock { 1 } } | Should -Throw -ErrorId 'Kanade.target_empty,Invoke-KanadeExec'
        { Get-KanadeExec -ExecId nothing -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Get-KanadeExec'
        { Connect-Kanade -Token ([System.Net.NetworkCredential]::new('', 'wrong').SecurePassword) } | Should -Throw -ErrorId 'Kanade.unauthenticated,Connect-Kanade'
        { Connect-Kanade -Server 'http://127.0.0.1:1' -Token ([System.Net.NetworkCredential]::new('', 't').SecurePassword) } | Should -Throw -ErrorId 'Kanade.unreachable,Connect-Kanade'
    }
}

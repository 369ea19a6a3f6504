# What becomes of executions, with the backend and the PCs of Exec.Tests.ps1.
BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    $PSDefaultParameterValues = @{ 'Invoke-KanadeExec:Shell' = 'pwsh' }
    $null = Connect-Kanade

    # A script that writes a line, and the next one when the test lets it: with a file of the step's number.
    function Invoke-Stepwise([string] $Name) {
        $gate = Join-Path $TestDrive $Name
        $exec = Invoke-KanadeExec -ComputerName PC1 -Timeout 2m -ArgumentList $gate -ScriptBlock {
            param($Gate)
            'one'
            while (-not (Test-Path -LiteralPath "$Gate.1")) { Start-Sleep -Milliseconds 50 }
            [Console]::Error.WriteLine('oh')
            'two'
            while (-not (Test-Path -LiteralPath "$Gate.2")) { Start-Sleep -Milliseconds 50 }
            [Console]::Out.Write('three')
        }
        [pscustomobject] @{ ExecId = $exec.ExecId; Gate = $gate }
    }
}

AfterAll {
    Disconnect-Kanade
}

Describe 'Results' -Tag 'Integration' {
    It 'can be had at any time, of all PCs or some' {
        $exec = 'PC1', 'PC2' | Invoke-KanadeExec -ScriptBlock { 'out'; [Console]::Error.Write('err') }
        $done = $exec | Wait-KanadeExec -Timeout 1m
        $done.Succeeded, $done.Queued | Should -Be 1, 1
        $results = $exec | Receive-KanadeExec
        $results.ComputerName | Should -Be 'PC1', 'PC2'
        $results.State | Should -Be 'succeeded', 'queued'
        $results[0].Stdout, $results[0].Stderr | Should -Be "out`n", 'err'
        $results[1].Stdout | Should -BeNullOrEmpty
        ($exec | Receive-KanadeExec -ComputerName pc2.example.com).State | Should -Be 'queued'
        $exec | Receive-KanadeExec -State failed | Should -BeNullOrEmpty
    }

    It 'are waited for only so long, and what is cancelled ends' {
        $exec = Invoke-KanadeExec -ComputerName PC1, PC2 -ScriptBlock { Start-Sleep -Seconds 100 }
        { $exec | Wait-KanadeExec -Timeout 0 -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.wait_timed_out,Wait-KanadeExec'
        ($exec | Receive-KanadeExec -ComputerName PC2 | Stop-KanadeExec -Confirm:$false).NotRun | Should -Be 1
        $null = $exec | Stop-KanadeExec -Confirm:$false
        ($exec | Wait-KanadeExec -IncludeOffline -Timeout 1m).Status | Should -Be 'done'
        ($exec | Receive-KanadeExec).State | Should -BeIn 'killed', 'cancelled'
    }

    It 'come again from the PCs that have failed' {
        $exec = Invoke-KanadeExec -ComputerName PC1, PC2 -ScriptBlock { exit 5 }
        $again = $exec | Wait-KanadeExec -Timeout 1m | Restart-KanadeExec
        $again.TargetCount, $again.RerunOf | Should -Be 1, $exec.ExecId
        ($again | Wait-KanadeExec -Timeout 1m | Receive-KanadeExec).ExitCode | Should -Be 5
        { Restart-KanadeExec -ExecId $exec.ExecId -State succeeded -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.target_empty,Restart-KanadeExec'
    }
}

Describe 'The output of a PC' -Tag 'Integration' {
    It 'is followed line by line while it is written' {
        $it = Invoke-Stepwise 'follow'
        # Each step is let go by the line before, so that nothing but a live line lets it end.
        $lines = $it | Receive-KanadeExec -Follow | ForEach-Object -Process {
            if ("$_" -eq 'one') { $null = New-Item -ItemType File -Path "$($it.Gate).1" }
            if ("$_" -eq 'two') { $null = New-Item -ItemType File -Path "$($it.Gate).2" }
            $_
        }
        @($lines | Where-Object -FilterScript { $_.Stream -eq 'stdout' }) | Should -Be 'one', 'two', 'three'
        @($lines | Where-Object -FilterScript { $_.Stream -eq 'stderr' }) | Should -Be 'oh'
        # Afterwards all of it is there at once.
        @($it | Receive-KanadeExec -Follow | Where-Object -FilterScript { $_.Stream -eq 'stdout' }) | Should -Be 'one', 'two', 'three'
    }

    It 'is no longer followed when nobody reads on, and the script goes on' {
        $it = Invoke-Stepwise 'first'
        $it | Receive-KanadeExec -Follow | Select-Object -First 1 | Should -Be 'one'
        ($it | Get-KanadeExec).Running | Should -Be 1
        $null = $it | Stop-KanadeExec -Confirm:$false
    }

    It 'is whole when it was long' {
        $exec = Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { 1..12000 | ForEach-Object -Process { "line $_ of what is far too long for one message" } }
        $null = $exec | Wait-KanadeExec -Timeout 2m
        $lines = @($exec | Receive-KanadeExec -Follow)
        $lines.Count | Should -Be 12000
        $lines[11999] | Should -BeLike 'line 12000 of*'
    }
}

Describe 'A job of PowerShell' -Tag 'Integration' {
    It 'gathers the results in the background' {
        $job = Invoke-KanadeExec -ComputerName PC1, PC2 -ScriptBlock { 'from the job' } -AsJob
        $job | Should -BeOfType ([System.Management.Automation.Job])
        $results = $job | Wait-Job -Timeout 60 | Receive-Job
        $results[0].PSObject.TypeNames[0] | Should -Be 'Kanade.ExecResult'
        $results.State | Should -Be 'succeeded', 'queued'
        $results[0].Stdout | Should -Be "from the job`n"
        $job.State | Should -Be 'Completed'
        ($job | Get-KanadeExec).ExecId | Should -Be $results[0].ExecId
        $job | Remove-Job
    }

    It 'is a process of its own where there are no threads for it' {
        # Of a mock with a filter Pester 6 asks what is meant without it.
        Mock -ModuleName Kanade -CommandName Get-Command -MockWith { Microsoft.PowerShell.Core\Get-Command @PesterBoundParameters }
        Mock -ModuleName Kanade -CommandName Get-Command -MockWith { } -ParameterFilter { $Name -eq 'Start-ThreadJob' }
        $job = Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { 'from the process' } -AsJob
        $job.PSJobTypeName | Should -Be 'BackgroundJob'
        $result = $job | Wait-Job -Timeout 60 | Receive-Job
        $result.Stdout | Should -Be "from the process`n"
        $result.FinishedAt | Should -BeOfType ([datetime])
        ($result | Format-Table | Out-String) | Should -Match 'ComputerName +State +ExitCode'
        $job | Remove-Job
    }

    It 'only waits: to stop it stops nothing else' {
        $job = Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { Start-Sleep -Seconds 100 } -AsJob
        $job | Stop-Job
        ($job | Get-KanadeExec).Status | Should -Be 'running'
        ($job | Stop-KanadeExec -Confirm:$false).ExecId | Should -Be $job.ExecId
        $job | Remove-Job
    }
}

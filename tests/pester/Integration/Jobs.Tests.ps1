# Against a backend with an agent named PC1 that is online, and one named PC2 that is enrolled and off; both of this machine.
# KANADE_SERVER and KANADE_TOKEN say where. What is made here is gone at the end: the tests run again under another Pester.
BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Wait.ps1')
    $PSDefaultParameterValues = @{ 'Invoke-KanadeExec:Shell' = 'pwsh'; 'Remove-Kanade*:Confirm' = $false }

    function Write-File([string] $Name, [string[]] $Lines) {
        $path = Join-Path $TestDrive $Name
        $null = New-Item -ItemType Directory -Force -Path (Split-Path -Path $path)
        [System.IO.File]::WriteAllText($path, ($Lines -join "`n") + "`n")
        $path
    }
}

Describe 'PCs and their groups' -Tag 'Integration' {
    AfterAll {
        Get-KanadeAgent | Remove-KanadeGroupMember -Group PesterLab, PesterOld
    }

    It 'are asked whether they answer' {
        $pings = Get-KanadeAgent | Test-KanadeAgent
        $pings.ComputerName | Should -Be 'PC1', 'PC2'
        $pings.Responded | Should -Be $true, $false
        $pings[0].LatencyMs | Should -BeGreaterThan 0
        $pings[0].Version | Should -Be (Get-KanadeAgent -ComputerName PC1).Version
        $pings[1].Online | Should -BeFalse
        $pings[1].Reason | Should -BeLike '*PC2*'
        { Test-KanadeAgent -ComputerName PC9 -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Test-KanadeAgent'
    }

    It 'are put into groups, run things there, and are taken out' {
        $added = Get-KanadeAgent | Add-KanadeGroupMember -Group PesterLab -PassThru
        $added.ComputerName | Should -Be 'PC1', 'PC2'
        'pc1.example.com' | Add-KanadeGroupMember -Group PesterOld, PESTERLAB
        (Get-KanadeGroup -Group pesterlab).Members | Should -Be 2
        (Get-KanadeAgent -ComputerName PC1).Groups | Should -Be 'PesterLab', 'PesterOld'
        $results = Get-KanadeGroupMember -Group PesterLab | Where-Object -Property Online | Invoke-KanadeExec -ScriptBlock { 'hello' } -Wait
        $results.ComputerName, $results.Stdout | Should -Be 'PC1', "hello`n"
        Get-KanadeGroupMember -Group PesterLab | Remove-KanadeGroupMember
        { Get-KanadeGroup -Group PesterLab -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Get-KanadeGroup'
        { Get-KanadeGroupMember -Group PesterLab -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Get-KanadeGroupMember'
        (Get-KanadeAgent -ComputerName PC1).Groups | Should -Be 'PesterOld'
    }

    It 'are in a group that asks the inventory as long as it says so, and nobody puts them there' {
        $made = Set-KanadeGroup -Group PesterAsks -Query 'os.Build>=99999999' -Description 'Nobody' -PassThru
        $made.Kind, $made.Members, $made.Description, "$($made.Query)" | Should -Be 'dynamic', 0, 'Nobody', 'os.build>=99999999'
        (Set-KanadeGroup -Group pesterasks -Query 'os.Build>=99999998' -PassThru).Description | Should -Be 'Nobody'
        { Add-KanadeGroupMember -ComputerName PC1 -Group PesterAsks -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.invalid_body,Add-KanadeGroupMember'
        { Set-KanadeGroup -Group PesterAsks -Query 'nonsense' -ErrorAction Stop } | Should -Throw
        Add-KanadeGroupMember -ComputerName PC1 -Group PesterOld
        { Set-KanadeGroup -Group PESTEROLD -Query 'os.Build>=1' -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.group_kind,Set-KanadeGroup'
        { Remove-KanadeGroup -Group PesterOld -Confirm:$false -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.group_kind,Remove-KanadeGroup'
        Remove-KanadeGroup -Group PesterAsks -Confirm:$false
        { Get-KanadeGroup -Group PesterAsks -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Get-KanadeGroup'
    }

    It 'are in all groups that several people have put them into at once' {
        $before = @((Get-KanadeAgent -ComputerName PC2).Groups)
        $path = Join-Path $PSScriptRoot '../../../Kanade.psd1'
        $jobs = foreach ($group in 'Pester1', 'Pester2', 'Pester3') {
            Start-ThreadJob -ScriptBlock { Import-Module -Name $using:path; Add-KanadeGroupMember -ComputerName PC2 -Group $using:group }
        }
        $null = $jobs | Wait-Job
        $jobs | Receive-Job
        $jobs | Remove-Job
        (Get-KanadeAgent -ComputerName PC2).Groups | Should -Be ($before + 'Pester1', 'Pester2', 'Pester3' | Sort-Object)
        Remove-KanadeGroupMember -ComputerName PC2 -Group Pester1, Pester2, Pester3
    }
}

Describe 'Jobs and schedules' -Tag 'Integration' {
    BeforeAll {
        $jobs = Join-Path $TestDrive 'jobs'
        $null = Write-File 'jobs/tidy.yaml' '# Keeps it tidy', 'id: pester-tidy', 'version: "1"', 'execute:', '  shell: pwsh # or powershell', '  script_file: tidy.ps1', '  timeout: 1m'
        $null = Write-File 'jobs/tidy.ps1' "'tidy'", "'up'"
        $null = Write-File 'jobs/hello.json' '{"id": "pester-hello", "version": "1", "execute": {"shell": "pwsh", "script": "''hello''", "timeout": "1m"}}'
        # What a schedule has completed is remembered when it is deleted.
        $nightly = "pester-$([guid]::NewGuid().ToString('N'))"
        $bad = Write-File 'bad.yaml' 'id: pester-bad', 'version: 1', 'execute: {shell: bash, script: x}'
    }

    AfterAll {
        Get-KanadeSchedule | Where-Object -Property ScheduleId -Like 'pester-*' | Remove-KanadeSchedule
        Get-KanadeJob | Where-Object -Property JobId -Like 'pester-*' | ForEach-Object -Process {
            Remove-KanadeJob -JobId $_.JobId
        }
        Remove-KanadeFreeze
    }

    It 'are checked in files' {
        $checks = Test-KanadeJob -Path $jobs, $bad
        $checks[0].Id, $checks[1].Id, $checks[2].Id | Should -Be 'pester-hello', 'pester-tidy', $null
        $checks.Valid | Should -Be $true, $true, $false
        $checks[0].Exists, $checks[1].Exists, $checks[2].Exists | Should -Be $false, $false, $null
        $checks[2].Faults.Pointer | Sort-Object | Should -Be '/execute/shell', '/execute/timeout', '/version'
        Get-KanadeJob | Where-Object -Property JobId -Like 'pester-*' | Should -BeNullOrEmpty
    }

    It 'are made from files, those with faults apart, and once only' {
        Set-KanadeJob -Path $jobs -WhatIf
        $made = Set-KanadeJob -Path $jobs, $bad -PassThru -ErrorVariable wrong -ErrorAction SilentlyContinue
        $made.JobId | Should -Be 'pester-hello', 'pester-tidy'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.invalid_body,Set-KanadeJob'
        "$wrong" | Should -BeLike 'bad.yaml: *execute/shell*'
        $made[1].Execute.Script | Should -BeExactly "'tidy'`n'up'`n"
        $made[1].UpdatedBy | Should -Be 'admin'
        # Deleting a job revokes it, which these may be since another Pester.
        $made | Grant-KanadeJob
        $yaml = Get-KanadeJob -JobId pester-tidy -AsYaml
        $yaml | Should -BeLike '# Keeps it tidy*shell: pwsh # or powershell*'
        $etags = (Set-KanadeJob -Path $jobs -PassThru).ETag
        $etags | Should -Be $made.ETag
        $yaml | Test-KanadeJob | ForEach-Object -Process { $_.Changed } | Should -BeFalse
        $all = Join-Path $TestDrive 'all.yaml'
        $made | Get-KanadeJob -AsYaml | Set-Content -LiteralPath $all
        $again = Test-KanadeJob -Path $all
        $again.Id | Should -Be 'pester-hello', 'pester-tidy'
        $again.Differences | Should -BeNullOrEmpty
        # The other was JSON.
        $again[1].Changed | Should -BeFalse
    }

    It 'run' {
        (Get-KanadeJob -JobId pester-tidy).JobId | ForEach-Object -Process { (Invoke-KanadeExec -ComputerName PC1 -JobId $_ -Wait).Stdout } | Should -Be "tidy`nup`n"
    }

    It 'are changed as objects, unless somebody was faster' {
        $job = Get-KanadeJob -JobId pester-hello
        $late = Get-KanadeJob -JobId pester-hello
        $job.Version = '2'
        $job.Tags = @('disk')
        $job.Execute.SuccessExitCodes = @(0)
        ($job | Test-KanadeJob).Differences.Pointer | Sort-Object | Should -Be '/execute/success_exit_codes', '/tags', '/version'
        $job = $job | Set-KanadeJob -PassThru
        $job.Version, $job.Tags | Should -Be '2', 'disk'
        , $job.Execute.SuccessExitCodes | Should -BeOfType ([array])
        $job | Set-KanadeJob -PassThru | ForEach-Object -Process { $_.ETag } | Should -Be $job.ETag
        $late.Version = '3'
        { $late | Set-KanadeJob -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.precondition_failed,Set-KanadeJob'
    }

    It 'are revoked, and allowed again' {
        (Get-KanadeJob -JobId pester-hello | Revoke-KanadeJob -PassThru -Confirm:$false).Status | Should -Be 'REVOKED'
        { Invoke-KanadeExec -ComputerName PC1 -JobId pester-hello } | Should -Throw -ErrorId 'Kanade.job_revoked,Invoke-KanadeExec'
        ('pester-hello' | Grant-KanadeJob -PassThru).Status | Should -Be 'ACTIVE'
    }

    It 'are due, cover PCs, and run out of turn' {
        $null = Write-File 'nightly.yaml' '# Every night', "id: $nightly", 'job_id: pester-hello', 'target: {pcs: [PC1]}', 'when: {calendar: {at: "03:00"}}'
        $schedule = Set-KanadeSchedule -Path (Join-Path $TestDrive 'nightly.yaml') -PassThru
        $schedule.Enabled, $schedule.When.Calendar.At, $schedule.Target.Pcs | Should -Be $true, '03:00', 'PC1'
        $schedule.NextAt | Should -BeGreaterThan (Get-Date)
        ($schedule | Get-KanadeScheduleForecast -First 2).At[0] | Should -Be $schedule.NextAt
        (Get-KanadeScheduleForecast).ScheduleId | Should -Contain $nightly
        (Get-KanadeScheduleCoverage -ScheduleId $nightly).State | Should -Be 'due'
        $started = $schedule | Start-KanadeSchedule
        $started.ScheduleId, $started.JobId | Should -Be $nightly, 'pester-hello'
        ($started | Wait-KanadeExec).Status | Should -Be 'done'
        $covered = Get-KanadeScheduleCoverage -ScheduleId $nightly -State satisfied
        $covered.ComputerName, $covered.LastExecId | Should -Be 'PC1', $started.ExecId
        ($covered | Invoke-KanadeExec -ScriptBlock { 1 }).Target | Should -Be 'PC1'
    }

    It 'are disabled and enabled, which keeps the comments, and changed as objects' {
        (Get-KanadeSchedule -ScheduleId $nightly | Disable-KanadeSchedule -PassThru).Enabled | Should -BeFalse
        Get-KanadeSchedule -ScheduleId $nightly -AsYaml | Should -BeLike '# Every night*enabled: false*'
        $schedule = $nightly | Enable-KanadeSchedule -PassThru
        $schedule.Enabled | Should -BeTrue
        ($schedule | Test-KanadeSchedule).Changed | Should -BeFalse
        $schedule.StartingDeadline = '4h'
        ($schedule | Set-KanadeSchedule -PassThru).StartingDeadline | Should -Be '4h'
        $faulty = @{ id = 'pester-faulty'; job_id = 'no-such-job'; target = @{ pcs = @('PC9') }; when = @{ calendar = @{ at = '25:00' } } } | Test-KanadeSchedule
        $faulty.Faults.Pointer | Sort-Object | Should -Be '/job_id', '/target/pcs/0', '/when/calendar/at'
    }

    It 'stand still in a freeze' {
        (Set-KanadeFreeze -Reason 'year end' -PassThru -Confirm:$false).Frozen | Should -BeTrue
        (Get-KanadeFreeze).Reason | Should -Be 'year end'
        (Get-KanadeScheduleForecast -ScheduleId $nightly -First 1).Blocked | Should -BeLike '*frozen*'
        Remove-KanadeFreeze
        (Get-KanadeFreeze).Frozen | Should -BeFalse
    }

    It 'are in the audit, each change and each that was refused' {
        # It is written beside the answer, and projected a moment later.
        Wait-For { (Get-KanadeAudit -Target "schedules/$nightly" -First 1).After.StartingDeadline }
        $entries = @(Get-KanadeAudit -Target "schedules/$nightly" -First 3)
        $entries.Action | Should -Be 'schedule_put', 'schedule_enable', 'schedule_disable'
        $entries[0].Actor, $entries[0].Result | Should -Be 'admin', 'ok'
        Get-KanadeAudit -Target "schedules/$nightly" -Since (Get-Date).AddHours(1) | Should -BeNullOrEmpty
        { Get-KanadeAudit -Action nothing } | Should -Throw -ErrorId 'Kanade.invalid_query,Get-KanadeAudit'
    }

    It 'are deleted' {
        Get-KanadeSchedule -ScheduleId $nightly | Remove-KanadeSchedule
        Get-KanadeJob | Where-Object -Property JobId -Like 'pester-*' | Remove-KanadeJob
        { Get-KanadeSchedule -ScheduleId $nightly -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Get-KanadeSchedule'
        { Get-KanadeJob -JobId pester-tidy -AsYaml -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Get-KanadeJob'
    }
}

Describe 'Events' -Tag 'Integration' {
    It 'tell what PCs have done' {
        $events = Get-KanadeAgent -ComputerName PC2 | Get-KanadeEvent
        $events.Kind | Should -Contain 'enrolled'
        $events.Kind | Should -Contain 'stopping'
        (Get-KanadeEvent -Kind online -First 1).Kind | Should -Be 'online'
        Get-KanadeEvent -Since (Get-Date).AddHours(1) | Should -BeNullOrEmpty
    }
}

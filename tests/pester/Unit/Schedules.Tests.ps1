BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Refusal.ps1')

    function Listed([string] $Id) {
        [pscustomobject] @{
            id = $Id; job_id = 'job'; enabled = $true; error = $null; next_at = '2024-01-02T03:04:05Z'; next_blocked = $null; updated_at = '2024-01-02T03:04:05Z'; updated_by = 'admin'; etag = '"4"'
            document = [pscustomobject] @{
                id = $Id; job_id = 'job'; target = [pscustomobject] @{ groups = @('Lab') }; starting_deadline = '4h'
                when = [pscustomobject] @{ calendar = [pscustomobject] @{ at = '03:00'; days = @('mon') } }
            }
        }
    }

    function Execution([string] $Id) {
        [pscustomobject] @{
            exec_id = $Id; status = 'running'; submitted_at = '2024-01-02T03:04:05Z'; expires_at = $null; actor = 'admin'; job_id = 'job'
            shell = 'powershell'; update_version = $null; script_preview = 'hostname'; target = $null; target_count = 1
            counts = [pscustomobject] @{ queued = 1; running = 0; succeeded = 0; failed = 0; timed_out = 0; killed = 0; unknown = 0; skipped = 0; expired = 0; cancelled = 0; lost = 0 }
            cancelled = $null; rerun_of = $null; schedule_id = 'nightly'; rollout_id = $null; wave = $null
        }
    }
}

Describe 'Schedules' {
    BeforeEach {
        $script:calls = [System.Collections.ArrayList]::new()
        $script:started = $true
        $script:meant = 2
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:calls.Add([pscustomobject] @{ Line = "$Method $Path".Trim(); Query = $Query; Body = $Body; Text = $Text; IdempotencyKey = $IdempotencyKey })
            if ($Path -like '*/nope*') { return Refusal 'not_found' 404 }
            switch -Wildcard ($Path) {
                '/schedules' {
                    if ($Query -and $Query['id']) { return Listed $Query.id }
                    return (Listed 'nightly'), [pscustomobject] @{ id = 'torn'; job_id = $null; enabled = $false; error = 'cannot be read'; next_at = $null; next_blocked = $null; updated_at = $null; updated_by = $null }
                }
                '/schedules/check' { return [pscustomobject] @{ id = 'nightly'; exists = $true; etag = '"4"'; changed = $true; differences = @() } }
                '/schedules/upcoming' { return [pscustomobject] @{ items = @([pscustomobject] @{ schedule_id = 'nightly'; at = '2024-01-02T03:00:00Z'; zone = 'UTC'; blocked = 'frozen' }); next = $null } }
                '*/forecast' { return [pscustomobject] @{ items = @([pscustomobject] @{ at = '2024-01-02T03:00:00Z'; zone = 'UTC'; blocked = $null }); next = $null } }
                '*/coverage' {
                    if (-not $All) { return [pscustomobject] @{ counts = [pscustomobject] @{ satisfied = $script:meant; due = 1 }; items = @(); next = 'more' } }
                    return @('failing', 'due', 'satisfied' | ForEach-Object -Process { [pscustomobject] @{ pc_id = "PC-$_"; state = $_; reason = $null; last_success = $null; last_exec_id = $null; failures = 0 } })
                }
                '*/run-now' { return [pscustomobject] @{ exec_id = 'e1'; rollout_id = 'r1' } }
                '/executions/e1' {
                    if ($script:started) { return Execution 'e1' }
                    return Refusal 'not_found' 404
                }
                '/freeze' { return [pscustomobject] @{ frozen = $true; reason = 'year end'; since = '2024-01-02T03:04:05Z'; by = 'admin'; corrupt = $false } }
            }
        }
    }

    It 'are given with what they say and when they are due, and what cannot be read with what is wrong' {
        $all = Get-KanadeSchedule
        $all[0].PSObject.TypeNames[0] | Should -Be 'Kanade.Schedule'
        $all.ScheduleId | Should -Be 'nightly', 'torn'
        (Get-KanadeSchedule T*, x* -ErrorAction Stop).ScheduleId | Should -Be 'torn'
        $all[0].Target.Groups, $all[0].When.Calendar.Days, $all[0].StartingDeadline | Should -Be 'Lab', 'mon', '4h'
        $all[0].NextAt | Should -BeOfType ([datetime])
        $all[1].Error, $all[1].Target | Should -Be 'cannot be read', $null
        $all[0].PSObject.Properties.Name | Should -Be $all[1].PSObject.Properties.Name
    }

    It 'can be changed and piped back' {
        $schedule = Get-KanadeSchedule -ScheduleId nightly
        $schedule.Enabled = $false
        $schedule.StartingDeadline = $null
        $schedule | Set-KanadeSchedule
        $document = ($calls | Where-Object -FilterScript { $_.Line -eq 'PUT /schedules/nightly' }).Text | ConvertFrom-Json
        $document.PSObject.Properties.Name | Sort-Object | Should -Be 'enabled', 'id', 'job_id', 'target', 'when'
        $document.when.calendar.days.Count | Should -Be 1
    }

    It 'are enabled, disabled and deleted down the pipeline' {
        (Get-KanadeSchedule -ScheduleId nightly | Disable-KanadeSchedule -PassThru | Enable-KanadeSchedule -PassThru).ScheduleId | Should -Be 'nightly'
        Get-KanadeSchedule -ScheduleId nightly | Remove-KanadeSchedule -Confirm:$false
        $calls.Line | Where-Object -FilterScript { $_ -match '^(POST|DELETE)' } | Should -Be 'POST /schedules/nightly/disable', 'POST /schedules/nightly/enable', 'DELETE /schedules/nightly'
    }

    It 'that are not there are errors of their own' {
        foreach ($name in 'Enable-KanadeSchedule', 'Disable-KanadeSchedule', 'Remove-KanadeSchedule', 'Start-KanadeSchedule') {
            $calls.Clear()
            $null = & $name -ScheduleId nope, nightly -Confirm:$false -ErrorVariable wrong -ErrorAction SilentlyContinue
            $wrong.FullyQualifiedErrorId | Should -Be "Kanade.not_found,$name"
            "$wrong" | Should -Be "There is no schedule 'nope'."
            $calls[1].Line | Should -BeLike '*/nightly*'
        }
        foreach ($name in 'Get-KanadeScheduleForecast', 'Get-KanadeScheduleCoverage') {
            { & $name -ScheduleId nope -ErrorAction Stop } | Should -Throw -ErrorId "Kanade.not_found,$name"
        }
    }

    It 'change nothing with -WhatIf' {
        'nightly' | Enable-KanadeSchedule -WhatIf
        'nightly' | Disable-KanadeSchedule -WhatIf
        'nightly' | Remove-KanadeSchedule -WhatIf
        'nightly' | Start-KanadeSchedule -WhatIf
        Set-KanadeFreeze -WhatIf
        Remove-KanadeFreeze -WhatIf
        'job' | Remove-KanadeJob -WhatIf
        'job' | Revoke-KanadeJob -WhatIf
        'job' | Grant-KanadeJob -WhatIf
        # The schedules are what Remove-KanadeJob names.
        $calls.Line | Should -Be '/schedules'
    }

    It 'are named when the job they run is to be deleted' {
        Start-Transcript -LiteralPath (Join-Path $TestDrive 'said.txt') | Out-Null
        'job', 'other' | Remove-KanadeJob -WhatIf
        Stop-Transcript | Out-Null
        $said = @(Get-Content -LiteralPath (Join-Path $TestDrive 'said.txt') | Where-Object -FilterScript { $_ -like 'What if*' })
        $said -replace '.*on target ' | Should -Be '"job job, which is run by the schedules nightly".', '"job other".'
        # Asked for once, and not at all when nobody is told.
        Remove-KanadeJob -JobId job -Confirm:$false
        $calls.Line | Should -Be '/schedules', 'DELETE /jobs/job'
    }

    It 'run now, and give the execution' {
        (Start-KanadeSchedule -ScheduleId nightly).ExecId | Should -Be 'e1'
        ($calls | Where-Object -FilterScript { $_.Line -like '*/run-now' }).IdempotencyKey | Should -Not -BeNullOrEmpty
        $script:started = $false
        Start-KanadeSchedule -ScheduleId nightly -WarningVariable warned -WarningAction SilentlyContinue | Should -BeNullOrEmpty
        "$warned" | Should -BeLike '*rollout r1*'
    }

    It 'run on many PCs only when somebody agrees' {
        $script:meant = 20
        Mock -ModuleName Kanade -CommandName Request-KanadeConsent -MockWith { $false }
        Start-KanadeSchedule -ScheduleId nightly | Should -BeNullOrEmpty
        Should -Invoke -ModuleName Kanade -CommandName Request-KanadeConsent -Times 1 -Exactly -ParameterFilter { $Question -eq 'Run the schedule nightly now on 21 PCs?' }
        Mock -ModuleName Kanade -CommandName Request-KanadeConsent -MockWith { }
        { Start-KanadeSchedule -ScheduleId nightly } | Should -Throw -ErrorId 'Kanade.confirmation_needed,Start-KanadeSchedule'
        $calls.Line | Should -Not -Contain 'POST /schedules/nightly/run-now'
        (Start-KanadeSchedule -ScheduleId nightly -Force).ExecId | Should -Be 'e1'
    }

    It 'are due, each or all together' {
        $next = Get-KanadeScheduleForecast -First 3
        $next.PSObject.TypeNames[0] | Should -Be 'Kanade.Forecast'
        $next.ScheduleId, $next.Blocked | Should -Be 'nightly', 'frozen'
        $calls[0].Query.limit | Should -Be 3
        (Get-KanadeSchedule -ScheduleId nightly | Get-KanadeScheduleForecast).At.ToUniversalTime().Hour | Should -Be 3
        $calls[-1].Query.count | Should -Be 10
    }

    It 'cover PCs, that are filtered by their state' {
        $rows = Get-KanadeScheduleCoverage -ScheduleId nightly -State FAILING, due
        $rows[0].PSObject.TypeNames[0] | Should -Be 'Kanade.Coverage'
        $rows.ComputerName | Should -Be 'PC-failing', 'PC-due'
        $null = Get-KanadeScheduleCoverage -ScheduleId nightly -State FAILING
        $calls[-1].Query.state | Should -BeExactly 'failing'
    }

    It 'are frozen with a reason' {
        Set-KanadeFreeze -Reason 'year end' -Confirm:$false | Should -BeNullOrEmpty
        $calls[-1].Line, $calls[-1].Body.reason | Should -Be 'PUT /freeze', 'year end'
        (Set-KanadeFreeze -PassThru -Confirm:$false).PSObject.TypeNames[0] | Should -Be 'Kanade.Freeze'
        $calls[-1].Body.Count | Should -Be 0
        (Get-KanadeFreeze).Frozen | Should -BeTrue
        Remove-KanadeFreeze
        $calls[-1].Line | Should -Be 'DELETE /freeze'
    }
}

Describe 'What has happened' {
    BeforeEach {
        $script:calls = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:calls.Add(@{ Path = $Path; Query = $Query.Clone(); First = $First })
            if ($Query['pc'] -eq 'QUIET') { return }
            if ($Query['kind'] -eq 'onlin') { return Refusal 'invalid_query' 422 }
            if ($Path -eq '/events') {
                return [pscustomobject] @{ event_id = 'v1'; pc_id = 'PC1'; kind = 'online'; at = '2024-01-02T03:04:05Z'; recorded_at = '2024-01-02T03:04:06Z'; code = $null; detail = $null; subject = $null; request_id = $null; exec_id = $null }
            }
            [pscustomobject] @{ audit_id = 'a1'; at = '2024-01-02T03:04:05Z'; recorded_at = '2024-01-02T03:04:06Z'; actor_kind = 'token'; actor = 'admin'; action = 'job_put'; target = 'jobs/x'; before = $null; after = [pscustomobject] @{ starting_deadline = '4h'; skip_dates = @('2026-12-24') }; result = 'ok'; request_id = 'r'; source_ip = '127.0.0.1' }
        }
    }

    It 'is told of all PCs, or of those that are named' {
        $since = [datetime]::new(2024, 1, 2, 0, 0, 0, [System.DateTimeKind]::Utc)
        $found = Get-KanadeEvent -Kind Online -Since $since -First 3
        $found.PSObject.TypeNames[0] | Should -Be 'Kanade.Event'
        $calls[0].Query.kind, $calls[0].Query.since, $calls[0].First | Should -Be 'online', '2024-01-02T00:00:00.000Z', 3
        ('pc1', 'quiet', 'a b' | Get-KanadeEvent -ErrorVariable wrong -ErrorAction SilentlyContinue).ComputerName | Should -Be 'PC1'
        $calls[1].Query.pc, $calls[2].Query.pc | Should -Be 'PC1', 'QUIET'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.invalid_id,Get-KanadeEvent'
        { Get-KanadeEvent -ComputerName PC1 -Kind onlin -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.invalid_query,Get-KanadeEvent'
    }

    It 'is told whole since a time, unless it is told how many' {
        $since = @{ Since = [datetime]::new(2024, 1, 2) }
        $null = Get-KanadeEvent @since
        $null = Get-KanadeEvent -ComputerName PC1 @since
        $null = Get-KanadeEvent -ComputerName PC1
        $null = Get-KanadeAudit @since
        $null = Get-KanadeAudit @since -First 3
        $calls.First | Should -Be ([int]::MaxValue), ([int]::MaxValue), 50, ([int]::MaxValue), 3
    }

    It 'is in the audit' {
        $found = Get-KanadeAudit -Actor admin -Action JOB_PUT -Target jobs/x
        $found.PSObject.TypeNames[0] | Should -Be 'Kanade.AuditEntry'
        $calls[0].Query.actor, $calls[0].Query.action, $calls[0].Query.target | Should -BeExactly 'admin', 'job_put', 'jobs/x'
        $calls[0].First | Should -Be 50
        $found.Before, $found.After.StartingDeadline, $found.After.SkipDates.Count | Should -Be $null, '4h', 1
    }
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force

    function Row([string] $Pc, [string] $State, [string] $ResultId) {
        [pscustomobject] @{ pc_id = $Pc; state = $State; reason = $null; exit_code = $(if ($State -eq 'succeeded') { 0 }); reboot_required = $false; started_at = $null; finished_at = $null; result_id = $ResultId }
    }

    function Execution([object[]] $Rows) {
        $counts = [ordered] @{}
        foreach ($state in 'queued', 'running', 'succeeded', 'failed', 'timed_out', 'killed', 'unknown', 'skipped', 'expired', 'cancelled', 'lost') {
            $counts[$state] = @($Rows | Where-Object -FilterScript { $_.state -eq $state }).Count
        }
        [pscustomobject] @{
            exec_id = 'e1'; status = 'running'; submitted_at = '2024-01-02T03:04:05Z'; expires_at = $null; actor = 'admin'; job_id = $null
            shell = 'powershell'; script_preview = 'hostname'; target = [pscustomobject] @{ pcs = @('PC1', 'PC2') }; target_count = $Rows.Count
            counts = [pscustomobject] $counts; cancelled = $null; rerun_of = $null; schedule_id = $null; rollout_id = $null; wave = $null
        }
    }

    function Agent([string] $Pc) {
        [pscustomobject] @{
            pc_id = $Pc; hostname = $Pc; online = $true; last_heartbeat = $null; last_seen = '2024-01-02T03:04:05Z'; enrolled_at = '2024-01-02T03:04:05Z'; retired_at = $null
            version = '1'; os = 'Windows'; tz = 'UTC'; groups = @('Lab'); pending = 0; running = @(); problems = @(); conflict = $false
        }
    }

    # The module's own, so that an error carries what a real one does.
    function Refusal([string] $Code, [object[]] $Faults = @()) {
        $made = InModuleScope -ModuleName Kanade -Parameters @{ Code = $Code } -ScriptBlock { param($Code) Get-KanadeErrorRecord -Code $Code -Message 'refused' -Category InvalidData }
        $made.Exception.Data['Faults'] = $Faults
        $made
    }
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
                $states = @()
                if ($Query) { $states = $Query['state'].Split(',') }
                return $script:rows | Where-Object -FilterScript { $states.Count -eq 0 -or $_.state -in $states }
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
        $null = Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { $using:days } -ArgumentList 'a"b', 2, @(3) -Parameter @{ Force = $true } -Shell pwsh -RunAs user -Timeout 5m -ExpiresIn ([timespan]::FromDays(2)) -SuccessExitCode 0, -1073741510
        $sent = $requests[0]
        $sent.script | Should -Be 'param($KanadeUsing_days) ${KanadeUsing_days} '
        $sent.params.KanadeUsing_days | Should -Be 30
        $sent.params.Force | Should -BeTrue
        $sent.args[0] | Should -Be 'a"b'
        $sent.args[1] | Should -Be 2
        , $sent.args[2] | Should -BeOfType ([array])
        $sent.shell, $sent.run_as, $sent.timeout, $sent.expires_in | Should -Be 'pwsh', 'user', '5m', '172800s'
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
        Invoke-KanadeExec -ComputerName PC1 -ScriptBlock { 1 } -WhatIf | Should -BeNullOrEmpty
        Should -Invoke -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -Times 0 -Exactly
    }

    It 'runs on the others when a PC is not known' {
        $refusals.Enqueue((Refusal 'unknown_pc' @([pscustomobject] @{ pointer = '/target/pcs/1'; code = 'unknown_pc'; message = 'no PC named NOPE is enrolled' })))
        $null = 'PC1', 'NOPE', 'a b', 'PC2' | Invoke-KanadeExec -ScriptBlock { 1 } -ErrorVariable wrong -ErrorAction SilentlyContinue
        $requests[1].target.pcs | Should -Be 'PC1', 'PC2'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.invalid_id,Invoke-KanadeExec', 'Kanade.unknown_pc,Invoke-KanadeExec'
        $wrong.TargetObject | Should -Be 'a b', 'NOPE'
    }

    It 'submits nothing when no PC is left' {
        $refusals.Enqueue((Refusal 'unknown_pc' @([pscustomobject] @{ pointer = '/target/pcs/0'; code = 'unknown_pc'; message = 'no' })))
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
        "$warned" | Should -BeLike '*Get-KanadeExec -ExecId e1*'
    }
}

Describe 'Get-KanadeAgent' {
    BeforeEach {
        $script:asked = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Path = $Path; Query = $Query })
            if ($Path -eq '/agents/NOPE') { return Refusal 'not_found' }
            Agent 'PC1'
        }
    }

    It 'filters at the backend' {
        (Get-KanadeAgent -Group Lab -Online:$false -OS win -Search x).ComputerName | Should -Be 'PC1'
        $asked[0].Query.group, $asked[0].Query.online, $asked[0].Query.os, $asked[0].Query.q | Should -Be 'Lab', 'false', 'win', 'x'
    }

    It 'gives the PCs it finds and an error for each other' {
        $found = 'pc1.example.com', 'nope' | Get-KanadeAgent -ErrorVariable wrong -ErrorAction SilentlyContinue
        $found.PSObject.TypeNames[0] | Should -Be 'Kanade.Agent'
        $asked[0].Path | Should -Be '/agents/PC1'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Get-KanadeAgent'
    }
}

Describe 'Get-KanadeExec' {
    BeforeEach {
        $script:asked = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Path = $Path; Query = $Query; First = $First })
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
}

Describe 'Connecting' {
    BeforeEach {
        $script:before = @{ Server = $env:KANADE_SERVER; Token = $env:KANADE_TOKEN }
        $env:KANADE_SERVER = ''
        $env:KANADE_TOKEN = ''
        Disconnect-Kanade
        Mock -ModuleName Kanade -CommandName Send-KanadeRequest -MockWith {
            $script:seen = @{ Uri = $Uri; Token = [System.Net.NetworkCredential]::new('', $Token).Password }
            [pscustomobject] @{ Status = 200; MediaType = 'application/json'; RetryAfter = 0; Body = [System.Text.Encoding]::UTF8.GetBytes('{"items":[],"next":null}') }
        }
    }

    AfterEach {
        Disconnect-Kanade
        $env:KANADE_SERVER = $before.Server
        $env:KANADE_TOKEN = $before.Token
    }

    It 'takes the token as a secure string, or as the password of a credential' {
        $secret = [System.Net.NetworkCredential]::new('', 't1').SecurePassword
        (Connect-Kanade -Server kanade.example.com -Token $secret).Server | Should -Be 'https://kanade.example.com/'
        $seen.Token | Should -Be 't1'
        $null = Connect-Kanade -Server kanade.example.com -Credential ([pscredential]::new('anybody', $secret))
        $seen.Token | Should -Be 't1'
        (Get-KanadeContext).PSObject.Properties.Name | Should -Not -Contain 'Token'
        Disconnect-Kanade
        Get-KanadeContext | Should -BeNullOrEmpty
    }

    It 'takes both from the environment, also without being asked to' {
        $env:KANADE_SERVER = 'http://127.0.0.1:8480/'
        $env:KANADE_TOKEN = "t2`n"
        Get-KanadeAgent | Should -BeNullOrEmpty
        $seen.Token | Should -Be 't2'
        (Connect-Kanade).Server | Should -Be 'http://127.0.0.1:8480/'
    }

    It 'is refused without a token, with an address that is none, and in the clear over a network' {
        $secret = [System.Net.NetworkCredential]::new('', 't').SecurePassword
        { Connect-Kanade } | Should -Throw -ErrorId 'Kanade.token_missing,Connect-Kanade'
        { Connect-Kanade -Server 'ftp://x' -Token $secret } | Should -Throw -ErrorId 'Kanade.invalid_server,Connect-Kanade'
        { Connect-Kanade -Server 'http://kanade.example.com' -Token $secret } | Should -Throw -ErrorId 'Kanade.unencrypted_server,Connect-Kanade'
        (Connect-Kanade -Server 'http://kanade.example.com' -Token $secret -AllowUnencrypted).Server | Should -Be 'http://kanade.example.com/'
    }

    It 'that fails leaves the connection that was there' {
        $secret = [System.Net.NetworkCredential]::new('', 't').SecurePassword
        $null = Connect-Kanade -Server one.example.com -Token $secret
        Mock -ModuleName Kanade -CommandName Send-KanadeRequest -MockWith {
            [pscustomobject] @{ Status = 401; MediaType = 'text/html'; RetryAfter = 0; Body = [byte[]] @(); Failure = $null }
        }
        { Connect-Kanade -Server two.example.com -Token $secret } | Should -Throw -ErrorId 'Kanade.http_401,Connect-Kanade'
        (Get-KanadeContext).Server.Host | Should -Be 'one.example.com'
    }

    It 'is what every command asks for' {
        { Get-KanadeAgent } | Should -Throw -ErrorId 'Kanade.not_connected,Get-KanadeAgent'
    }
}

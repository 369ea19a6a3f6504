BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force

    # What is proposed for a command line whose end is being typed.
    function Proposed([string] $Line) {
        @((TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches)
    }
}

Describe 'What is proposed' {
    BeforeEach {
        $script:before = @{ Server = $env:KANADE_SERVER; Token = $env:KANADE_TOKEN }
        $env:KANADE_SERVER = 'http://127.0.0.1:1'
        $env:KANADE_TOKEN = 't'
        $script:asked = [System.Collections.ArrayList]::new()
        $script:answer = $null
        InModuleScope -ModuleName Kanade -ScriptBlock { $script:KanadeCompletions = @{} }
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add("$Path $($Query.q)".Trim())
            if ($null -ne $script:answer) { return $script:answer }
            $items = switch ($Path) {
                '/agents' { if ($Query.retired) { return [pscustomobject] @{ items = @([pscustomobject] @{ pc_id = 'LAB-9'; retired_at = '2024-01-02T03:04:05Z' }); next = $null } }; @{ pc_id = 'LAB-1'; online = $true; os = 'Windows 11' }, @{ pc_id = 'OLDLAB'; online = $false; os = $null }, @{ pc_id = 'LAB-2'; online = $false; os = $null } }
                '/groups' { @{ group = 'Lab'; members = 2 }, @{ group = 'Office'; members = 5 } }
                '/jobs' { @{ id = 'tools'; description = 'Updates the tools' }, @{ id = 'trim'; description = $null } }
                '/schedules' { , @{ id = 'nightly'; job_id = 'tools'; enabled = $true } }
                '/executions' { @{ exec_id = 'b2'; submitted_at = '2024-01-02T03:04:05Z'; status = 'done'; target_count = 3; job_id = $null; script_preview = 'hostname' }, @{ exec_id = 'b1'; submitted_at = $null; status = 'done'; target_count = 1; job_id = 'tools'; script_preview = $null } }
                '/enrolment-tokens' { , @{ id = 't1'; usable = $true; expires_at = '2024-01-02T03:04:05Z'; description = 'Room 12' } }
                '/enrolments' { @{ id = 'UAAA'; pc_id = 'LAB-3'; state = 'pending'; reason = 'name_taken'; source_ip = $null }, @{ id = 'UBBB'; pc_id = 'PC4'; state = 'denied'; reason = 'needs_approval'; source_ip = '::1' } }
                '/releases' { @{ release = '1_2_0-win-x64'; version = '1.2.0'; expired = $false; expires_at = '2024-01-02T03:04:05Z' }, @{ release = '1_1_0-win-x64'; version = '1.1.0'; expired = $true; expires_at = '2024-01-02T03:04:05Z' } }
                '/rollouts' { , @{ rollout_id = 'r1'; created_at = $null; status = 'unreadable'; target_count = $null } }
            }
            [pscustomobject] @{ items = @($items | ForEach-Object -Process { [pscustomobject] $_ }); next = $null }
        }
    }

    AfterEach {
        $env:KANADE_SERVER = $before.Server
        $env:KANADE_TOKEN = $before.Token
    }

    It 'for <Line> is <Expected>' -ForEach @(
        @{ Line = 'Get-KanadeAgent -ComputerName lab'; Expected = 'LAB-1', 'LAB-2' }
        @{ Line = 'Get-KanadeAgent lab'; Expected = 'LAB-1', 'LAB-2' }
        @{ Line = 'Get-KanadeAgent -Name lab-2'; Expected = 'LAB-2' }
        @{ Line = 'Invoke-KanadeExec -ScriptBlock { 1 } -ComputerName PC1, old'; Expected = 'OLDLAB' }
        @{ Line = 'Receive-KanadeExec -ExecId b1 -ComputerName "LAB'; Expected = 'LAB-1', 'LAB-2' }
        @{ Line = 'Get-KanadeAgent -Group '; Expected = 'Lab', 'Office' }
        @{ Line = 'Invoke-KanadeExec -JobId t'; Expected = 'tools', 'trim' }
        @{ Line = 'Get-KanadeExec -ScheduleId n'; Expected = , 'nightly' }
        @{ Line = 'Get-KanadeJob to'; Expected = , 'tools' }
        @{ Line = 'Disable-KanadeSchedule '; Expected = , 'nightly' }
        @{ Line = 'Add-KanadeGroupMember -ComputerName PC1 -Group o'; Expected = , 'Office' }
        @{ Line = 'Get-KanadeInventory -ComputerName lab-1'; Expected = , 'LAB-1' }
        @{ Line = 'Get-KanadeExec -ExecId '; Expected = 'b2', 'b1' }
        @{ Line = 'Stop-KanadeRollout -RolloutId r'; Expected = , 'r1' }
        @{ Line = 'Revoke-KanadeEnrolmentToken '; Expected = , 't1' }
        @{ Line = 'New-KanadeEnrolmentToken -Group o'; Expected = , 'Office' }
        @{ Line = 'Approve-KanadeEnrolment -EnrolmentId '; Expected = 'UAAA', 'UBBB' }
        @{ Line = 'Approve-KanadeEnrolment lab'; Expected = , 'UAAA' }
        @{ Line = 'Deny-KanadeEnrolment -EnrolmentId ub'; Expected = , 'UBBB' }
        @{ Line = 'Remove-KanadeAgent lab'; Expected = 'LAB-1', 'LAB-2' }
        @{ Line = 'Restore-KanadeAgent lab'; Expected = , 'LAB-9' }
        @{ Line = 'Remove-KanadeRelease 1.2'; Expected = , '1_2_0-win-x64' }
        @{ Line = 'Get-KanadeEvent -Kind re'; Expected = 'refused', 'retired_seen', 'revoked_seen', 'renamed', 'release_expires' }
        @{ Line = 'Get-KanadeAudit -Action job_r'; Expected = , 'job_revoke' }
    ) {
        (Proposed $Line).CompletionText | Should -Be $Expected
        (Proposed $Line).ToolTip | Should -Not -Contain ''
    }

    It 'says what it is' {
        (Proposed 'Get-KanadeAgent lab-1').ToolTip | Should -Be 'online, Windows 11'
        (Proposed 'Wait-KanadeExec b2').ToolTip | Should -BeLike '*done, 3 PCs: hostname'
        (Proposed 'Wait-KanadeExec b1').ToolTip | Should -BeLike '*done, 1 PC: tools'
    }

    It 'says it without what would command a terminal' {
        $script:answer = [pscustomobject] @{ items = @([pscustomobject] @{ pc_id = 'LAB-1'; online = $true; os = "Win$([char] 27)]52;c;eA==$([char] 7)$([char] 0x9B)2J" }); next = $null }
        (Proposed 'Get-KanadeAgent lab-1').ToolTip | Should -Be 'online, Win]52;c;eA==2J'
    }

    It 'is looked for by the backend among all PCs, and not again for some seconds' {
        1..3 | ForEach-Object -Process { $null = Proposed 'Get-KanadeAgent lab' }
        $null = Proposed 'Get-KanadeAgent lab-1'
        $null = Proposed 'Get-KanadeAgent -Group l'
        $null = Proposed 'Get-KanadeAgent -Group o'
        $asked | Should -Be '/agents lab', '/agents lab-1', '/groups'
    }

    It 'is nothing, and no error, when the backend refuses or nobody is connected' {
        $script:answer = InModuleScope -ModuleName Kanade -ScriptBlock { Get-KanadeErrorRecord -Code 'unreachable' -Message 'm' }
        # Of the files of the folder PowerShell would propose some by itself.
        $errors = $Error.Count
        InModuleScope -ModuleName Kanade -ScriptBlock { Get-KanadeCompletion -Parameter Group -Word '' } | Should -BeNullOrEmpty
        $env:KANADE_TOKEN = ''
        InModuleScope -ModuleName Kanade -ScriptBlock { Get-KanadeCompletion -Parameter JobId -Word '' } | Should -BeNullOrEmpty
        $Error.Count | Should -Be $errors
        $asked.Count | Should -Be 1
    }

    It 'of contexts is what the session has and what is stored' {
        Mock -ModuleName Kanade -CommandName Get-KanadeStoredContext -MockWith { [pscustomobject] @{ Name = 'prod'; Server = [uri] 'https://prod.example.com'; Ca = $null; Store = 'Dpapi' } }
        foreach ($line in 'Connect-Kanade -Name p', 'Disconnect-Kanade p', 'Get-KanadeContext -Name p') { (Proposed $line).CompletionText | Should -Be 'prod' }
    }

    It 'does not keep whoever types waiting for a backend that is away' {
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith { $script:how = @{ Once = $Once; TimeoutSec = $TimeoutSec } }
        InModuleScope -ModuleName Kanade -ScriptBlock { Get-KanadeCompletion -Parameter Group -Word '' } | Should -BeNullOrEmpty
        $how.Once | Should -BeTrue
        $how.TimeoutSec | Should -BeLessOrEqual 2
    }
}

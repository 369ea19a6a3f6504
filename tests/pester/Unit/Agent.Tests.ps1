BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Refusal.ps1')

    function Agent([string] $Pc) {
        [pscustomobject] @{
            pc_id = $Pc; hostname = $Pc; online = $true; last_heartbeat = $null; last_seen = '2024-01-02T03:04:05Z'; enrolled_at = '2024-01-02T03:04:05Z'; retired_at = $null
            version = '1'; os = 'Windows'; tz = 'UTC'; inventory_at = $null; logged_on_user = $null; pending_reboot = $null; defender = $null; groups = @('Lab'); pending = 0; running = @(); problems = @(); conflict = $false
            identity = 'active'; public_key = 'U1'; hardware = $null; renewed_at = $null; ephemeral_days = $null; renamed_to = $null; token_id = 't1'
        }
    }
}

Describe 'Get-KanadeAgent' {
    BeforeEach {
        $script:asked = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Path = $Path; Query = $Query })
            if ($Path -eq '/agents/NOPE') { return Refusal 'not_found' 404 }
            Agent 'PC1'
        }
    }

    It 'filters at the backend' {
        (Get-KanadeAgent -Group Lab -Online:$false -OS win -Search x).ComputerName | Should -Be 'PC1'
        $asked[0].Query.group, $asked[0].Query.online, $asked[0].Query.os, $asked[0].Query.q | Should -Be 'Lab', 'false', 'win', 'x'
    }

    It 'asks for PCs by what Windows says of them, and shows what is known of it' {
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Path = $Path; Query = $Query })
            foreach ($each in @(
                    @{ user = 'LAB\ann'; reboot = @('file_rename'); defender = [pscustomobject] @{ real_time_protection = $false; tamper_protected = $null; signature_age_days = 3 } }
                    @{ user = ''; reboot = @(); defender = $null }
                    @{ user = $null; reboot = $null; defender = $null }
                )) {
                Agent 'PC1' | Add-Member -PassThru -Force -NotePropertyMembers @{ logged_on_user = $each.user; pending_reboot = $each.reboot; defender = $each.defender }
            }
        }
        $agents = Get-KanadeAgent -LoggedOnUser ann -PendingReboot -RealTimeProtection:$false
        $asked[0].Query.logged_on_user, $asked[0].Query.pending_reboot, $asked[0].Query.real_time_protection | Should -Be 'ann', 'true', 'false'
        $agents[0].LoggedOnUser, $agents[1].LoggedOnUser, $agents[2].LoggedOnUser | Should -Be 'LAB\ann', '', $null
        , $agents[0].PendingReboot | Should -BeOfType [string[]]
        $agents[0].PendingReboot | Should -Be 'file_rename'
        , $agents[1].PendingReboot | Should -BeOfType [string[]]
        $agents[1].PendingReboot.Count | Should -Be 0
        $null -eq $agents[2].PendingReboot | Should -BeTrue
        $agents[0].RealTimeProtection, $agents[0].TamperProtected, $agents[0].SignatureAgeDays | Should -Be $false, $null, 3
        $agents[1].RealTimeProtection | Should -BeNullOrEmpty
    }

    It 'takes wildcards, and asks the backend for the longest plain part of them' {
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Path = $Path; Query = $Query })
            Agent 'LAB-1'
            Agent 'LAB-22'
            Agent 'XLAB-1'
        }
        (Get-KanadeAgent lab-?).ComputerName | Should -Be 'LAB-1'
        ('lab-[12]*' | Get-KanadeAgent).ComputerName | Should -Be 'LAB-1', 'LAB-22'
        Get-KanadeAgent *.example.com -ErrorAction Stop | Should -BeNullOrEmpty
        (Get-KanadeAgent *).Count | Should -Be 3
        $asked.Path | Sort-Object -Unique | Should -Be '/agents'
        $asked[0..2].Query.q | Should -Be 'lab-', 'lab-', '.example.com'
        $asked[3].Query.Count | Should -Be 0
    }

    It 'gives the PCs it finds and an error for each other' {
        $found = 'pc1.example.com', 'nope' | Get-KanadeAgent -ErrorVariable wrong -ErrorAction SilentlyContinue
        $found.PSObject.TypeNames[0] | Should -Be 'Kanade.Agent'
        $asked[0].Path | Should -Be '/agents/PC1'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Get-KanadeAgent'
    }
}

Describe 'Test-KanadeAgent' {
    BeforeEach {
        $script:asked = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add("$Method $Path")
            switch ($Path) {
                '/agents/PC1/ping' { return [pscustomobject] @{ pc_id = 'PC1'; round_trip_ms = 1.25; heartbeat = [pscustomobject] @{ pc_id = 'PC1'; at = '2024-01-02T03:04:05Z'; version = '7' } } }
                '/agents/PC2/ping' { return Refusal 'agent_unreachable' 504 }
                '/agents/NOPE/ping' { return Refusal 'not_found' 404 }
                '/agents/SEED/ping' { return [pscustomobject] @{ pc_id = 'SEED'; round_trip_ms = 2; heartbeat = [pscustomobject] @{ pc_id = 'SEED'; at = '2024-01-02T03:04:05Z' } } }
                '/agents/LATE/ping' { return Refusal 'broker_unavailable' 503 }
            }
            $off = Agent 'PC2'
            $off.online = $false
            $off
        }
    }

    It 'tells how long the answer took, and of a PC that does not answer what is known of it' {
        $pings = 'pc1.example.com', 'pc2' | Test-KanadeAgent
        $pings[0].PSObject.TypeNames[0] | Should -Be 'Kanade.Ping'
        $pings.ComputerName | Should -Be 'PC1', 'PC2'
        $pings.Responded | Should -Be $true, $false
        $pings.Online | Should -Be $true, $false
        $pings[0].LatencyMs, $pings[0].Version | Should -Be 1.25, '7'
        $pings[1].LatencyMs | Should -BeNullOrEmpty
        $pings[1].Version, $pings[1].Reason | Should -Be '1', 'refused'
    }

    It 'says which PC is not known, and asks the others' {
        $pings = Test-KanadeAgent -ComputerName 'nope', 'a b', 'pc1' -ErrorVariable wrong -ErrorAction SilentlyContinue
        $pings.ComputerName | Should -Be 'PC1'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Test-KanadeAgent', 'Kanade.invalid_id,Test-KanadeAgent'
        $wrong[0].TargetObject | Should -Be 'nope'
    }

    It 'gives true or false alone, and asks no more than it needs' {
        Test-KanadeAgent -ComputerName PC1, PC2 -Quiet | Should -Be $true, $false
        $asked.Count | Should -Be 2
    }

    It 'takes PCs from the pipeline, and agents that say little' {
        (Agent 'PC1' | Test-KanadeAgent).ComputerName | Should -Be 'PC1'
        (Test-KanadeAgent -ComputerName SEED).Version | Should -BeNullOrEmpty
    }

    It 'ends with what every PC would meet' {
        { Test-KanadeAgent -ComputerName LATE, PC1 } | Should -Throw -ErrorId 'Kanade.broker_unavailable,Test-KanadeAgent'
        $asked.Count | Should -Be 1
    }
}

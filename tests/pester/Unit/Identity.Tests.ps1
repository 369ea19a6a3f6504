BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Answers.ps1')

    function Token([string] $Id) {
        [pscustomobject] @{
            id = $Id; description = $null; created_at = '2024-01-02T03:04:05Z'; created_by = 'admin'; expires_at = '2024-01-03T03:04:05Z'; uses_left = 1; used = 0
            groups = @('Lab'); name_pattern = $null; needs_approval = $false; replace = $false; ephemeral = $null; revoked_at = $null; usable = $true; refused = @()
        }
    }

    function Enrolment([string] $Id, [string] $Pc, [string] $Reason = 'needs_approval', [string] $State = 'pending') {
        [pscustomobject] @{
            id = $Id; pc_id = $Pc; state = $State; reason = $Reason; requested_at = '2024-01-02T03:04:05Z'; token_id = 't1'; groups = @(); hostname = $Pc; os = 'Windows'; version = '1'
            hardware = [pscustomobject] @{ machine_guid = 'm1' }; source_ip = '10.0.0.7'; decided_by = $null; decided_at = $null
        }
    }

    function Agent([string] $Pc) {
        [pscustomobject] @{
            pc_id = $Pc; hostname = $Pc; online = $true; last_heartbeat = $null; last_seen = '2024-01-02T03:04:05Z'; enrolled_at = '2024-01-02T03:04:05Z'; retired_at = $null
            version = '1'; os = 'Windows'; tz = 'UTC'; inventory_at = $null; logged_on_user = $null; pending_reboot = $null; defender = $null; groups = @('Lab'); pending = 0; running = @(); problems = @(); conflict = $false
            identity = 'revoked'; public_key = 'UKEY'; hardware = [pscustomobject] @{ uuid = 'u1'; machine_guid = 'm1' }; renewed_at = '2024-01-02T03:04:05Z'; ephemeral_days = 7; renamed_to = $null; token_id = 't1'
        }
    }

    # What -WhatIf says of each target.
    function Said([scriptblock] $Of) {
        $path = Join-Path $TestDrive 'said.txt'
        $null = Start-Transcript -LiteralPath $path
        try { & $Of } finally { $null = Stop-Transcript }
        @(Get-Content -LiteralPath $path | Where-Object -FilterScript { $_ -like 'What if*' }) -replace '^What if: Performing the operation '
    }
}

Describe 'Enrolment tokens' {
    BeforeEach {
        $script:asked = [System.Collections.ArrayList]::new()
        $script:refusal = $null
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Method = $Method; Path = $Path; Query = $Query; Body = $Body })
            if ($null -ne $script:refusal) {
                if ($PassError) { return $script:refusal }
                throw $script:refusal
            }
            if ($Method -eq 'POST') {
                $made = Token 't9'
                $made | Add-Member -NotePropertyName token -NotePropertyValue 'ket_t9_secret'
                return $made
            }
            if ($Path -eq '/enrolment-tokens') {
                Token 't1'
                $vdi = Token 't2'
                $vdi.uses_left = $null
                $vdi.ephemeral = [pscustomobject] @{ retire_after_days = 7 }
                return $vdi
            }
            $id = $Path.Split('/')[-1]
            if ($id -notlike 't*') { return Refusal 'not_found' -Status 404 }
            $token = Token $id
            if ($Method -eq 'DELETE') {
                $token.revoked_at = '2024-01-02T04:00:00Z'
                $token.usable = $false
            }
            $token
        }
    }

    It 'are made for one PC when nothing else is said, with their text where it is seen' {
        $made = New-KanadeEnrolmentToken
        $asked[0].Method, $asked[0].Path | Should -Be 'POST', '/enrolment-tokens'
        $asked[0].Body.uses, $asked[0].Body.needs_approval, $asked[0].Body.replace | Should -Be 1, $false, $false
        $asked[0].Body.Count | Should -Be 3
        $made.PSObject.TypeNames[0..1] | Should -Be 'Kanade.NewEnrolmentToken', 'Kanade.EnrolmentToken'
        $made.Token | Should -BeExactly 'ket_t9_secret'
        $made.TokenId | Should -Be 't9'
        $made | Out-String | Should -BeLike '*Token * : ket_t9_secret*'
        $made | Format-Table | Out-String | Should -BeLike '*ket_t9_secret*'
    }

    It 'are made as is said' {
        $null = New-KanadeEnrolmentToken -Description 'Room 12' -ExpiresIn (New-TimeSpan -Hours 8) -Uses 40 -Group Lab, Office -NamePattern 'LAB-*' -NeedsApproval -Replace -RetireAfterDays 7
        $body = $asked[0].Body
        $body.description, $body.expires_in, $body.uses, $body.name_pattern, $body.needs_approval, $body.replace | Should -Be 'Room 12', '28800s', 40, 'LAB-*', $true, $true
        $body.groups | Should -Be 'Lab', 'Office'
        $body.ephemeral.retire_after_days | Should -Be 7
        $null = New-KanadeEnrolmentToken -Group Lab -ExpiresIn 7d -Unlimited
        $body = $asked[1].Body
        , $body.groups | Should -BeOfType ([array])
        $body.expires_in | Should -Be '7d'
        $body.Contains('uses') | Should -BeTrue
        $body.uses | Should -BeNullOrEmpty
    }

    It 'are not made with what cannot be, and nobody is asked twice' {
        { New-KanadeEnrolmentToken -ExpiresIn soon } | Should -Throw -ErrorId 'Kanade.invalid_duration,New-KanadeEnrolmentToken'
        { New-KanadeEnrolmentToken -Uses 0 } | Should -Throw
        { New-KanadeEnrolmentToken -Uses 2 -Unlimited } | Should -Throw
        $asked.Count | Should -Be 0
        $script:refusal = Refusal 'invalid_body'
        { New-KanadeEnrolmentToken -NamePattern '[a]' } | Should -Throw -ErrorId 'Kanade.invalid_body,New-KanadeEnrolmentToken'
        $asked.Count | Should -Be 1
    }

    It 'say before they are made for whom they are' {
        Said { New-KanadeEnrolmentToken -Uses 3 -NamePattern 'LAB-*' -WhatIf } | Should -Be '"Make" on target "enrolment token for 3 PCs named LAB-*".'
        Said { New-KanadeEnrolmentToken -Unlimited -WhatIf } | Should -Be '"Make" on target "enrolment token for any number of PCs".'
        $asked.Count | Should -Be 0
    }

    It 'are listed without their text' {
        $all = Get-KanadeEnrolmentToken
        $all[0].PSObject.TypeNames[0] | Should -Be 'Kanade.EnrolmentToken'
        $all.TokenId | Should -Be 't1', 't2'
        $all[0].UsesLeft, $all[0].RetireAfterDays | Should -Be 1, $null
        $all[1].UsesLeft, $all[1].RetireAfterDays | Should -Be $null, 7
        $all[0].PSObject.Properties.Name | Should -Not -Contain 'Token'
        $all | Out-String | Should -BeLike '*t2 *any*'
        $all[0].Flags + $all[1].Flags | Should -Be 'ephemeral'
        $null = Get-KanadeEnrolmentToken -Usable
        $null = Get-KanadeEnrolmentToken -Usable:$false
        $asked[0].Query.Count, $asked[1].Query.usable, $asked[2].Query.usable | Should -Be 0, 'true', 'false'
    }

    It 'show what they let do, and who has come with them in vain' {
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $one = Token 't1'
            $one.replace = $true
            $one.needs_approval = $true
            $one.ephemeral = [pscustomobject] @{ retire_after_days = 7 }
            $one.refused = @([pscustomobject] @{ code = 'enrolment_token_expired'; count = 5000; last_at = '2024-01-02T03:04:05Z' })
            $one | Add-Member -NotePropertyName ca_outdated -NotePropertyValue $true -PassThru
        }
        $one = Get-KanadeEnrolmentToken
        $one.Flags | Should -Be 'replace', 'approval', 'ephemeral', 'old_ca'
        $one.Refused.Code, $one.Refused.Times, $one.Refused.LastAt.Year | Should -Be 'enrolment_token_expired', 5000, 2024
        $one | Format-Table | Out-String -Width 120 | Should -BeLike '*replace, approval, ephemeral*Lab*old_ca*'
        $one | Format-List | Out-String -Width 120 | Should -BeLike '*enrolment_token_expired 5000*'
    }

    It 'are found by id, and an id that is not known is an error of its own' {
        ('t1', 'x', [pscustomobject] @{ TokenId = 't2' } | Get-KanadeEnrolmentToken -ErrorVariable wrong -ErrorAction SilentlyContinue).TokenId | Should -Be 't1', 't2'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Get-KanadeEnrolmentToken'
        $wrong.TargetObject | Should -Be 'x'
    }

    It 'are revoked, also by their text, whose secret goes nowhere' {
        Get-KanadeEnrolmentToken | Revoke-KanadeEnrolmentToken
        $text = 'ket_t7_' + '_-' * 21 + 'x_' + 'y' * 43
        Revoke-KanadeEnrolmentToken -TokenId $text, x -PassThru -ErrorVariable wrong -ErrorAction SilentlyContinue | ForEach-Object -Process { $_.TokenId, $_.Usable } | Should -Be 't7', $false
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Revoke-KanadeEnrolmentToken'
        @($asked | Where-Object -FilterScript { $_.Method -eq 'DELETE' } | ForEach-Object -Process { $_.Path }) | Should -Be '/enrolment-tokens/t1', '/enrolment-tokens/t2', '/enrolment-tokens/t7', '/enrolment-tokens/x'
        Said { Revoke-KanadeEnrolmentToken -TokenId $text -WhatIf } | Should -Be '"Revoke" on target "enrolment token t7".'
    }

    It 'are no tokens in open mode, which every one of them would be told' {
        $script:refusal = Refusal 'open_mode' -Status 409
        { 't1', 't2' | Revoke-KanadeEnrolmentToken -ErrorAction SilentlyContinue } | Should -Throw -ErrorId 'Kanade.open_mode,Revoke-KanadeEnrolmentToken'
        { Get-KanadeEnrolmentToken } | Should -Throw -ErrorId 'Kanade.open_mode,Get-KanadeEnrolmentToken'
        { New-KanadeEnrolmentToken } | Should -Throw -ErrorId 'Kanade.open_mode,New-KanadeEnrolmentToken'
        $asked.Count | Should -Be 3
    }
}

Describe 'PCs that wait for an admin' {
    BeforeEach {
        $script:asked = [System.Collections.ArrayList]::new()
        $script:refusal = $null
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Method = $Method; Path = $Path; Query = $Query; Body = $Body })
            if ($Path -eq '/enrolments') {
                if ($Query['state'] -ne 'denied') {
                    Enrolment 'U1' 'PC1' 'name_taken'
                    Enrolment 'U2' 'LAB-2'
                }
                if ($Query['state'] -ne 'pending') { Enrolment 'U3' 'PC3' 'name_retired' 'denied' }
                return
            }
            if ($Path -like '/agents/*') { return Agent $Path.Split('/')[-1] }
            $id = $Path.Split('/')[2]
            if ($id -notlike 'U*') { return Refusal 'not_found' -Status 404 }
            if ($null -ne $script:refusal -and $Method -eq 'POST') { return $script:refusal }
            if ($Path -like '*/approve') { return [pscustomobject] @{ id = $id; pc_id = 'PC1'; enrolled_at = '2024-01-02T03:04:05Z' } }
            if ($Path -like '*/deny') { return Enrolment $id 'PC1' 'name_taken' 'denied' }
            Enrolment $id 'PC1' 'name_taken'
        }
    }

    It 'are listed, those that were denied only when asked for' {
        $waiting = Get-KanadeEnrolment
        $waiting[0].PSObject.TypeNames[0] | Should -Be 'Kanade.Enrolment'
        $waiting.EnrolmentId | Should -Be 'U1', 'U2'
        $waiting[0].Hardware | Should -Be 'machine_guid m1'
        (Get-KanadeEnrolment -State denied).EnrolmentId | Should -Be 'U3'
        (Get-KanadeEnrolment -State Denied, Pending).EnrolmentId | Should -Be 'U1', 'U2', 'U3'
        $asked[0].Query.state, $asked[1].Query.state, $asked[2].Query['state'] | Should -Be 'pending', 'denied', $null
    }

    It 'are found by the name they ask for, and one that nobody asks for is an error of its own' {
        (Get-KanadeEnrolment pc1.example.com, lab-*, x*, PC9, 'a b' -ErrorVariable wrong -ErrorAction SilentlyContinue).EnrolmentId | Should -Be 'U1', 'U2'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Get-KanadeEnrolment', 'Kanade.invalid_id,Get-KanadeEnrolment'
        (Get-KanadeEnrolment -Reason name_taken).EnrolmentId | Should -Be 'U1'
        (Get-KanadeEnrolment -State denied, pending -Reason name_taken, name_retired).EnrolmentId | Should -Be 'U1', 'U3'
        (Get-KanadeEnrolment -TokenId "ket_t1_$('x' * 43)").EnrolmentId | Should -Be 'U1', 'U2'
        Get-KanadeEnrolment -TokenId t2 | Should -BeNullOrEmpty
        Get-KanadeEnrolment | Format-Table | Out-String -Width 120 | Should -BeLike '*machine_guid m1*'
        ('U5', 'x' | Get-KanadeEnrolment -ErrorVariable wrong -ErrorAction SilentlyContinue).EnrolmentId | Should -Be 'U5'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Get-KanadeEnrolment'
    }

    It 'are shown without what would command a terminal, for nobody has let them in yet' {
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $one = Enrolment 'U1' 'PC1'
            $one.os = "Win$([char] 27)[2J"
            $one.hostname = "a$([char] 0x9B)2Jb"
            $one.hardware = [pscustomobject] @{ uuid = "u$([char] 7)" }
            $one
        }
        $shown = (Get-KanadeEnrolment | Format-Table | Out-String) + (Get-KanadeEnrolment | Format-List | Out-String)
        $shown -replace "$([char] 27)\[[0-9;]*m" | Should -Not -Match '[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]'
        $shown | Should -BeLike '*Win*2J*'
    }

    It 'are nobody when nobody waits' {
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith { }
        Get-KanadeEnrolment | Should -BeNullOrEmpty
        Get-KanadeEnrolment | Approve-KanadeEnrolment -ErrorAction Stop
    }

    It 'are let in from the pipeline' {
        Get-KanadeEnrolment | Approve-KanadeEnrolment -Confirm:$false | Should -BeNullOrEmpty
        @($asked | Where-Object -FilterScript { $_.Method -eq 'POST' } | ForEach-Object -Process { $_.Path }) | Should -Be '/enrolments/U1/approve', '/enrolments/U2/approve'
        $asked.Count | Should -Be 3
        $asked[1].Body | Should -BeNullOrEmpty
        $in = Approve-KanadeEnrolment -EnrolmentId U1 -Replace -PassThru -Confirm:$false
        $asked[3].Body.replace | Should -BeTrue
        $in.PSObject.TypeNames[0] | Should -Be 'Kanade.Agent'
        $in.ComputerName | Should -Be 'PC1'
    }

    It 'are decided about by their names too, unless several ask for one' {
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -ParameterFilter { $Path -eq '/enrolments' } -MockWith {
            Enrolment 'U1' 'PC1'
            Enrolment 'U2' 'PC2'
            Enrolment 'U3' 'PC2' 'name_taken'
        }
        Approve-KanadeEnrolment -ComputerName pc1.example.com, PC2, PC9 -Confirm:$false -ErrorVariable wrong -ErrorAction SilentlyContinue
        @($asked | Where-Object -FilterScript { $_.Method -eq 'POST' } | ForEach-Object -Process { $_.Path }) | Should -Be '/enrolments/U1/approve'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.ambiguous_name,Approve-KanadeEnrolment', 'Kanade.not_found,Approve-KanadeEnrolment'
        $wrong[0].Exception.Message | Should -BeLike '2 wait to be enrolled as PC2*U2, U3*'
        Deny-KanadeEnrolment -ComputerName PC1 -Confirm:$false
        $asked[-1].Path | Should -Be '/enrolments/U1/deny'
        { Approve-KanadeEnrolment PC1 -Confirm:$false -ErrorAction Stop } | Should -Throw -ExpectedMessage '*-ComputerName*'
    }

    It 'are not let in under a name that somebody else has got, and the others are' {
        $script:refusal = Refusal 'pc_id_taken' -Status 409
        'U1', 'U2' | Approve-KanadeEnrolment -Confirm:$false -ErrorVariable wrong -ErrorAction SilentlyContinue
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.pc_id_taken,Approve-KanadeEnrolment', 'Kanade.pc_id_taken,Approve-KanadeEnrolment'
        $wrong[0].CategoryInfo.Category | Should -Be 'ResourceExists'
    }

    It 'are denied, and their tokens revoked' {
        $denied = 'U1', 'x' | Deny-KanadeEnrolment -PassThru -Confirm:$false -ErrorVariable wrong -ErrorAction SilentlyContinue
        $denied.State, $denied.TokenId | Should -Be 'denied', 't1'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Deny-KanadeEnrolment'
        $denied | Revoke-KanadeEnrolmentToken -WhatIf
        Deny-KanadeEnrolment U1 -Confirm:$false | Should -BeNullOrEmpty
    }

    It 'are asked about with what is to be known of them, without what would command a terminal' {
        Said { 'U1' | Approve-KanadeEnrolment -WhatIf } | Should -Be '"Let in" on target "PC1 from 10.0.0.7 (ANOTHER PC has this name; key U1)".'
        Said { 'U1' | Deny-KanadeEnrolment -WhatIf } | Should -Be '"Refuse" on target "PC1 from 10.0.0.7 (ANOTHER PC has this name; key U1)".'
        { Approve-KanadeEnrolment x -WhatIf -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Approve-KanadeEnrolment'
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith { Enrolment 'U1' "PC1$([char] 27)[2J" 'new_reason' }
        Said { 'U1' | Approve-KanadeEnrolment -WhatIf } | Should -Be '"Let in" on target "PC1[2J from 10.0.0.7 (new_reason; key U1)".'
    }
}

Describe 'The identity of PCs' {
    BeforeEach {
        $script:asked = [System.Collections.ArrayList]::new()
        $script:refusals = @{}
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Method = $Method; Path = $Path; Query = $Query; Body = $Body })
            $pc = $Path.Split('/')[2]
            if ($script:refusals.ContainsKey("$pc")) { return Refusal $script:refusals[$pc][0] -Status $script:refusals[$pc][1] }
            if ($Path -like '*/queue') { return [pscustomobject] @{ items = @(1, 2); next = $null } }
            if ($Path -like '*/rename') { return [pscustomobject] @{ pc_id = $Body.pc_id; renamed_from = $pc; settled = 2 } }
            if (-not $pc) { return Agent 'PC1' }
            Agent $pc
        }
    }

    It 'is told of each, and asked for' {
        $agent = Get-KanadeAgent -IdentityState Revoked
        $asked[0].Query.identity | Should -BeExactly 'revoked'
        $agent.IdentityState, $agent.PublicKey, $agent.RetireAfterDays | Should -Be 'revoked', 'UKEY', 7
        $agent.Hardware | Should -Be 'uuid u1, machine_guid m1'
        $agent.RenewedAt | Should -BeOfType ([datetime])
        $agent | Format-Table | Out-String | Should -BeLike '*Identity*revoked*'
    }

    It 'is revoked, and what holds for one PC does not keep the others' {
        $refusals = $script:refusals
        $refusals.NOPE = 'not_found', 404
        $refusals.OLD = 'identity_unknown', 404
        $refusals.SLOW = 'revocation_pending', 503
        $done = 'pc1.example.com', 'nope', 'a b', 'old', 'slow', 'pc2' | Revoke-KanadeAgent -PassThru -Confirm:$false -ErrorVariable wrong -ErrorAction SilentlyContinue
        $done.ComputerName | Should -Be 'PC1', 'PC2'
        # What is no name is said before any of them is asked about.
        $wrong.FullyQualifiedErrorId | Should -Be (@('invalid_id', 'not_found', 'identity_unknown', 'revocation_pending') | ForEach-Object -Process { "Kanade.$_,Revoke-KanadeAgent" })
        $wrong[3].CategoryInfo.Category | Should -Be 'ResourceBusy'
        $asked[0].Method, $asked[0].Path | Should -Be 'POST', '/agents/PC1/revoke'
    }

    It 'is not taken from many PCs by a slip: -Confirm:$false alone is not enough' -ForEach @(
        @{ Name = 'Revoke-KanadeAgent' }
        @{ Name = 'Remove-KanadeAgent' }
    ) {
        Mock -ModuleName Kanade -CommandName Test-KanadePrompt -MockWith { $false }
        $fleet = @(1..21 | ForEach-Object -Process { "PC$_" })
        { $fleet | & $Name -Confirm:$false } | Should -Throw -ErrorId "Kanade.confirmation_needed,$Name" -ExpectedMessage '*21 PCs*-Force*'
        { & { $ConfirmPreference = 'None'; $fleet | & $Name } } | Should -Throw -ErrorId "Kanade.confirmation_needed,$Name"
        $asked.Count | Should -Be 0
        $fleet[0..19] + 'pc1' | & $Name -Confirm:$false
        $asked.Count | Should -Be 20
        $fleet | & $Name -Confirm:$false -Force
        $asked.Count | Should -Be 41
        $KanadeConfirmThreshold = 30
        $fleet | & $Name -Confirm:$false
        $asked.Count | Should -Be 62
        (Said { $fleet | & $Name -WhatIf }).Count | Should -Be 21
    }

    It 'says by which token it came, and what the PC is called that had it' {
        $null = Get-KanadeAgent -TokenId "ket_t1_$('x' * 43)"
        $asked[0].Query.token_id | Should -Be 't1'
        (Get-KanadeAgent PC1).TokenId | Should -Be 't1'
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $agent = Agent 'PC1'
            $agent.renamed_to = 'NEW2'
            $agent
        }
        Get-KanadeAgent -Retired | Format-Table | Out-String -Width 120 | Should -BeLike '*PC1 *now NEW2*'
    }

    It 'goes with the PC when that is retired, and its name can be freed' {
        Get-KanadeAgent | Remove-KanadeAgent -Confirm:$false | Should -BeNullOrEmpty
        $asked[1].Method, $asked[1].Path | Should -Be 'DELETE', '/agents/PC1'
        $script:refusals.PC3 = 'not_retired', 409
        'PC2', 'PC3' | Restore-KanadeAgent -ErrorVariable wrong -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $asked[2].Method, $asked[2].Path | Should -Be 'POST', '/agents/PC2/readmit'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_retired,Restore-KanadeAgent'
    }

    It 'stays when the PC is renamed, also by a list' {
        $script:refusals.GONE = 'identity_revoked', 403
        $renamed = @'
ComputerName,NewName
gone,PC7
pc1,lab-01.example.com
pc2,a b
PC3,LAB-03
'@ | ConvertFrom-Csv | Rename-KanadeAgent -PassThru -Confirm:$false -ErrorVariable wrong -ErrorAction SilentlyContinue
        $renamed.ComputerName | Should -Be 'LAB-01', 'LAB-03'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.identity_revoked,Rename-KanadeAgent', 'Kanade.invalid_id,Rename-KanadeAgent'
        $asked[1].Path, $asked[1].Body.pc_id | Should -Be '/agents/PC1/rename', 'LAB-01'
    }

    It 'is asked about with what ends by it, and not of a PC that is not known' {
        $script:refusals.NOPE = 'not_found', 404
        foreach ($call in @(
                @{ Name = 'Revoke-KanadeAgent'; With = @{}; Said = '"Revoke the identity" on target "PC1 (online)".' }
                @{ Name = 'Remove-KanadeAgent'; With = @{}; Said = '"Retire" on target "PC1 (online, executions queued or running there: 2)".' }
                @{ Name = 'Rename-KanadeAgent'; With = @{ NewName = 'pc9' }; Said = '"Rename to PC9" on target "PC1 (online, executions queued or running there: 2)".' }
            )) {
            $with = $call.With
            Said { & $call.Name -ComputerName PC1 @with -WhatIf } | Should -Be $call.Said
            { & $call.Name -ComputerName NOPE @with -WhatIf -ErrorAction Stop } | Should -Throw -ErrorId "Kanade.not_found,$($call.Name)"
        }
        @($asked | Where-Object -FilterScript { $_.Method -and $_.Method -ne 'GET' }).Count | Should -Be 0
    }

    It 'is asked about with how long nobody has heard of the PC' {
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            if ($Path -like '*/queue') { return [pscustomobject] @{ items = @(1..500); next = 'more' } }
            $agent = Agent 'PC1'
            $agent.online = $false
            if ($Path -like '*/PC2') { $agent.retired_at = '2024-01-02T03:04:05Z' }
            $agent
        }
        Said { Remove-KanadeAgent PC1, PC2 -WhatIf } | Should -BeLike '"Retire" on target "PC* (*, executions queued or running there: more than 500)".'
        (Said { Revoke-KanadeAgent PC1, PC2 -WhatIf })[0] | Should -BeLike '*PC1 (last heard of at *2024*)*'
        (Said { Revoke-KanadeAgent PC1, PC2 -WhatIf })[1] | Should -BeLike '*PC2 (retired)*'
    }
}

# Against a backend with identities, where PC1 and PC2 are enrolled and PC3 and PC4 wait for an admin. Nobody who is let in stays: other
# tests count the PCs.
BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    $PSDefaultParameterValues = @{ 'Approve-Kanade*:Confirm' = $false; 'Deny-Kanade*:Confirm' = $false; 'Remove-Kanade*:Confirm' = $false; 'Rename-Kanade*:Confirm' = $false; 'Revoke-Kanade*:Confirm' = $false }
}

Describe 'Enrolment tokens' -Tag 'Integration' {
    It 'are made, listed without their text, and revoked by it' {
        $made = New-KanadeEnrolmentToken -ExpiresIn 8h -Uses 40 -Group PesterRoom -NamePattern 'LAB-*' -NeedsApproval -Replace -RetireAfterDays 7 -Description 'Room 12'
        $made.Token | Should -Match '^ket_'
        $listed = Get-KanadeEnrolmentToken -Usable | Where-Object -Property TokenId -EQ $made.TokenId
        $listed.Description, $listed.UsesLeft, $listed.Used, $listed.NamePattern | Should -Be 'Room 12', 40, 0, 'LAB-*'
        $listed.NeedsApproval, $listed.Replace, $listed.RetireAfterDays, $listed.CreatedBy | Should -Be $true, $true, 7, 'admin'
        $listed.Groups | Should -Be 'PesterRoom'
        ($listed.ExpiresAt - $listed.CreatedAt).TotalHours | Should -Be 8
        $listed.PSObject.Properties.Name | Should -Not -Contain 'Token'
        (Revoke-KanadeEnrolmentToken -TokenId $made.Token -PassThru).Usable | Should -BeFalse
        (Get-KanadeEnrolmentToken -Usable:$false).TokenId | Should -Contain $made.TokenId
        (Get-KanadeEnrolmentToken -TokenId $made.TokenId).RevokedAt | Should -BeOfType ([datetime])
    }

    It 'are for one PC and a day, or for any number' {
        $one = New-KanadeEnrolmentToken
        $one.UsesLeft, ($one.ExpiresAt - $one.CreatedAt).TotalDays, $one.NeedsApproval | Should -Be 1, 1, $false
        $any = New-KanadeEnrolmentToken -Unlimited -ExpiresIn 7d
        $any.UsesLeft, ($any.ExpiresAt - $any.CreatedAt).TotalDays | Should -Be $null, 7
        $one, $any | Revoke-KanadeEnrolmentToken
    }

    It 'are refused by name for what they cannot be' {
        { New-KanadeEnrolmentToken -NamePattern 'LAB [1-9]' } | Should -Throw -ErrorId 'Kanade.invalid_body,New-KanadeEnrolmentToken' -ExpectedMessage '*pattern*'
        { New-KanadeEnrolmentToken -ExpiresIn 2s } | Should -Throw -ErrorId 'Kanade.invalid_duration,New-KanadeEnrolmentToken' -ExpectedMessage '*expires_in*'
        { Revoke-KanadeEnrolmentToken -TokenId 'a b', nobody -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Revoke-KanadeEnrolmentToken'
    }
}

Describe 'PCs that wait for an admin' -Tag 'Integration' {
    It 'are let in, renamed, locked out and retired, and their name is free again when an admin says so' {
        $waits = Get-KanadeEnrolment PC3
        $waits.Reason, $waits.State, $waits.SourceIp | Should -Be 'needs_approval', 'pending', '127.0.0.1'
        ($waits | Get-KanadeEnrolmentToken).NeedsApproval | Should -BeTrue
        { Get-KanadeAgent PC3 -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Get-KanadeAgent'

        $in = $waits | Approve-KanadeEnrolment -PassThru
        $in.ComputerName, $in.IdentityState, $in.PublicKey | Should -Be 'PC3', 'active', $waits.EnrolmentId
        $in.Hardware | Should -Be $waits.Hardware
        (Get-KanadeAgent -IdentityState active).ComputerName | Should -Contain 'PC3'
        $in.TokenId | Should -Be $waits.TokenId
        (Get-KanadeAgent -TokenId $waits.TokenId).ComputerName | Should -Contain 'PC3'

        { $in | Rename-KanadeAgent -NewName PC1 -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.pc_id_taken,Rename-KanadeAgent'
        $renamed = $in | Rename-KanadeAgent -NewName pc5 -PassThru
        $renamed.ComputerName, $renamed.PublicKey | Should -Be 'PC5', $in.PublicKey
        (Get-KanadeAgent -ComputerName PC3).RenamedTo | Should -Be 'PC5'
        { Restore-KanadeAgent -ComputerName PC3 -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.pc_id_taken,Restore-KanadeAgent'

        $exec = Invoke-KanadeExec -ComputerName PC5 -Shell pwsh -ScriptBlock { 1 }
        ($renamed | Revoke-KanadeAgent -PassThru).IdentityState | Should -Be 'revoked'
        ($exec | Get-KanadeExec).Queued | Should -Be 1
        { Rename-KanadeAgent -ComputerName PC5 -NewName PC6 -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.identity_revoked,Rename-KanadeAgent'
        (Remove-KanadeAgent -ComputerName PC5 -PassThru).RetiredAt | Should -BeOfType ([datetime])
        ($exec | Get-KanadeExec).NotRun | Should -Be 1
        (Get-KanadeAgent -Retired).ComputerName | Should -Be 'PC3', 'PC5'

        'PC5' | Restore-KanadeAgent
        { Get-KanadeAgent PC5 -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Get-KanadeAgent'
        { Restore-KanadeAgent -ComputerName PC1 -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_retired,Restore-KanadeAgent'
        (Get-KanadeAgent).ComputerName | Should -Be 'PC1', 'PC2'
    }

    It 'are denied, and listed as such' {
        ($denied = Get-KanadeEnrolment PC4 | Deny-KanadeEnrolment -PassThru).State | Should -Be 'denied'
        Get-KanadeEnrolment | Should -BeNullOrEmpty
        $listed = Get-KanadeEnrolment -State denied
        $listed.EnrolmentId, $listed.DecidedBy | Should -Be $denied.EnrolmentId, 'admin'
        { Deny-KanadeEnrolment -EnrolmentId nobody -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Deny-KanadeEnrolment'
    }

    It 'are in the events, and who has decided is in the audit' {
        for ($i = 0; $i -lt 100; $i++) {
            $actions = @((Get-KanadeAudit).Action)
            if ($actions -contains 'enrolment_deny') { break }
            Start-Sleep -Milliseconds 50
        }
        foreach ($action in 'enrolment_approve', 'enrolment_deny', 'agent_rename', 'agent_revoke', 'agent_retire', 'agent_readmit') { $actions | Should -Contain $action }
        (Get-KanadeEvent -ComputerName PC4).Kind | Should -Contain 'enrolment_denied'
    }
}

Describe 'Command keys' -Tag 'Integration' {
    It 'are told, and the one that signs is not retired before there is another' {
        $active = @(Get-KanadeCommandKey | Where-Object -Property State -EQ active)
        $active.Count, $active[0].Own | Should -Be 1, $true
        { $active | Revoke-KanadeCommandKey -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.command_key_state,Revoke-KanadeCommandKey'
        ($active | Get-KanadeCommandKey).State | Should -Be 'active'
    }
}

Describe 'What the Tab key proposes of identities' -Tag 'Integration' {
    It 'is what the backend has' {
        $token = New-KanadeEnrolmentToken
        $denied = Get-KanadeEnrolment -State denied
        foreach ($case in @(@('Revoke-KanadeEnrolmentToken ', $token.TokenId), @('Approve-KanadeEnrolment pc4', $denied.EnrolmentId), @('Restore-KanadeAgent pc', 'PC3'))) {
            $line = $case[0]
            (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText | Should -Contain $case[1] -Because "of '$line'"
        }
        $token | Revoke-KanadeEnrolmentToken
    }
}

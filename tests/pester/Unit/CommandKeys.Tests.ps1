BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Answers.ps1')

    function Key([string] $Id, [string] $State = 'active') {
        [pscustomobject] @{
            id = $Id; public_key = 'x'; backend_id = 'b1'; state = $State; own = $true; created_at = '2024-01-02T03:04:05Z'; active_from = '2024-01-04T03:04:05Z'; retired_at = $null
        }
    }
}

Describe 'Command keys' {
    BeforeEach {
        $script:asked = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Method = $Method; Path = $Path; Body = $Body })
            if ($Method -ne 'POST') { return [pscustomobject] @{ items = @((Key 'k1'), (Key 'k2' 'next')) } }
            if ($Path -like '*/k9/*') { return Refusal 'not_found' -Status 404 }
            if ($Path -like '*/k1/*') { return Refusal 'command_key_state' -Status 409 }
            Key 'k3' 'next'
        }
    }

    It 'are listed, and one that is not known is an error of its own' {
        $all = Get-KanadeCommandKey
        $all[0].PSObject.TypeNames[0] | Should -Be 'Kanade.CommandKey'
        $all.KeyId + $all.State | Should -Be 'k1', 'k2', 'active', 'next'
        $all[0].ActiveFrom | Should -BeOfType ([datetime])
        $all | Out-String -Width 120 | Should -BeLike '*k2 *next *b1*'
        $long = 'f' * 32
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -ParameterFilter { $Path -eq '/command-keys' } -MockWith { [pscustomobject] @{ items = @((Key ('f' * 32)), (Key 'k2' 'next')) } }
        Get-KanadeCommandKey | Out-String -Width 120 | Should -BeLike "*$long *" -Because 'it is copied from there'
        ($all[1], 'x' | Get-KanadeCommandKey -ErrorVariable wrong -ErrorAction SilentlyContinue).KeyId | Should -Be 'k2'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Get-KanadeCommandKey'
    }

    It 'are made as the API makes them, or at once' {
        (New-KanadeCommandKey -Confirm:$false).KeyId | Should -Be 'k3'
        $null = New-KanadeCommandKey -ActivateIn 0s -Overlap (New-TimeSpan -Hours 1) -Confirm:$false
        $asked[0].Method, $asked[0].Path | Should -Be 'POST', '/command-keys'
        $asked[0].Body.activate_in, $asked[0].Body.overlap | Should -Be '2d', '8d'
        $asked[1].Body.activate_in, $asked[1].Body.overlap | Should -Be '0s', '3600s'
        { New-KanadeCommandKey -Overlap soon -Confirm:$false } | Should -Throw -ErrorId 'Kanade.invalid_duration,New-KanadeCommandKey'
        $asked.Count | Should -Be 2
    }

    It 'are retired, and what holds for one does not keep the others' {
        $done = 'k1', 'k9', 'k3' | Revoke-KanadeCommandKey -After 2d -PassThru -Confirm:$false -ErrorVariable wrong -ErrorAction SilentlyContinue
        $done.KeyId | Should -Be 'k3'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.command_key_state,Revoke-KanadeCommandKey', 'Kanade.not_found,Revoke-KanadeCommandKey'
        $asked[2].Path, $asked[2].Body.after | Should -Be '/command-keys/k3/retire', '2d'
        Get-KanadeCommandKey | Where-Object -Property State -EQ next | Revoke-KanadeCommandKey -Confirm:$false | Should -BeNullOrEmpty
        $asked[-1].Path, $asked[-1].Body.after | Should -Be '/command-keys/k2/retire', '0s'
    }
}

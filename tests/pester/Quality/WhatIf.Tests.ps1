BeforeDiscovery {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    $changing = @(Get-Command -Module Kanade | Where-Object -FilterScript { $_.Parameters.ContainsKey('WhatIf') } | ForEach-Object -Process { @{ Name = $_.Name } })
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Answers.ps1')
    $calls = Import-PowerShellDataFile -Path (Join-Path $PSScriptRoot 'WhatIf.psd1')

    # Every file that a command could write here, with what is in it.
    function Files {
        Get-ChildItem -Path $TestDrive -Recurse -File | Sort-Object -Property FullName | ForEach-Object -Process { "$($_.FullName) $([System.IO.File]::ReadAllText($_.FullName))" }
    }
}

Describe 'With -WhatIf' {
    It 'no call is listed of a command that has none' {
        $calls.Keys | Where-Object -FilterScript { -not (Get-Command -Name $_ -Module Kanade).Parameters.ContainsKey('WhatIf') } | Should -BeNullOrEmpty
    }
}

Describe '<Name> -WhatIf' -ForEach $changing {
    BeforeEach {
        $script:before = @{ Server = $env:KANADE_SERVER; Token = $env:KANADE_TOKEN }
        $env:KANADE_SERVER = 'https://kanade.example.com'
        $env:KANADE_TOKEN = 't1'
        $contexts = Join-Path $TestDrive 'contexts'
        $null = New-Item -ItemType Directory -Path $contexts -Force
        Set-Content -LiteralPath (Join-Path $contexts 'prod.json') -Value '{"server":"https://kanade.example.com/","allow_unencrypted":false,"store":"Dpapi","vault":null,"token":"x"}'
        Mock -ModuleName Kanade -CommandName Get-KanadeContextFolder -MockWith { Join-Path $TestDrive 'contexts' }
        Mock -ModuleName Kanade -CommandName Get-KanadeTokenStore -MockWith { [pscustomobject] @{ Store = 'Dpapi'; Vault = $null } }
        Set-Content -LiteralPath (Join-Path $TestDrive 'agent.msi') -Value 'a package'
        Mock -ModuleName Kanade -CommandName Get-KanadeMsiProperty -MockWith {
            @{ ProductName = 'Kanade Agent'; ProductVersion = '1.2.3'; ProductCode = '{A}'; UpgradeCode = '{B}'; PackageCode = '{C}'; Manufacturer = 'Kanade' }
        }
        Mock -ModuleName Kanade -CommandName Protect-KanadeToken -MockWith { 'protected' }
        $script:changes = [System.Collections.ArrayList]::new()
        # A Windows with its administrator, on which the agent is.
        $null = New-Item -Path (Join-Path $TestDrive 'agent.msi') -ItemType File -Force
        Mock -ModuleName Kanade -CommandName Get-KanadePlatform -MockWith { 'Windows' }
        Mock -ModuleName Kanade -CommandName Test-KanadeElevation -MockWith { $true }
        Mock -ModuleName Kanade -CommandName Get-KanadeKnownFolder -MockWith { "$TestDrive" }
        Mock -ModuleName Kanade -CommandName Get-KanadeFileSignature -MockWith { @{ Status = 'NotSigned' } }
        Mock -ModuleName Kanade -CommandName Get-KanadeMachineValue -MockWith { @{} }
        Mock -ModuleName Kanade -CommandName Find-KanadeProduct -MockWith { '{11111111-2222-3333-4444-555555555555}' }
        Mock -ModuleName Kanade -CommandName Invoke-KanadeMsiexec -MockWith {
            $null = $script:changes.Add("msiexec $Argument")
            throw 'This would have changed something.'
        }
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            if ($Method -and $Method -ne 'GET' -and -not $Safe) {
                $null = $script:changes.Add("$Method $Path")
                throw 'This would have changed something.'
            }
            switch -Regex ($Path) {
                '^/agent-package$' { return [pscustomobject] @{ version = '1.2.3'; script_sha256 = '0' * 64 } }
                '^/agents$' { return [pscustomobject] @{ pc_id = 'PC1'; online = $true } }
                '^/agents/PC1$' { return [pscustomobject] @{ pc_id = 'PC1'; online = $true; retired_at = $null } }
                '^/agents/PC1/groups$' { return [pscustomobject] @{ pc_id = 'PC1'; groups = @('Office'); etag = '"1"' } }
                '^/agents/PC1/queue$' { return [pscustomobject] @{ items = @(); next = $null } }
                '^/enrolments/U1$' { return [pscustomobject] @{ id = 'U1'; pc_id = 'PC1'; reason = 'name_taken'; source_ip = '10.0.0.7' } }
                '^/executions/e1$' { return Execution @((Row 'PC1' 'failed'), (Row 'PC2' 'queued')) 'e1' }
                '^/groups/Win11$' { return [pscustomobject] @{ group = 'Win11'; members = @('PC1'); kind = 'dynamic'; query = @('os.build>=1'); description = $null; etag = '"1"' } }
                '^/inventory/sections$' { return [pscustomobject] @{ items = @([pscustomobject] @{ section = 'os'; fields = @('build') }) } }
                '^/schedules/s1/coverage$' { return [pscustomobject] @{ counts = [pscustomobject] @{ succeeded = 1; waiting = 1 }; items = @(); next = $null } }
                '^/inventory/search$' { return [pscustomobject] @{ pc_id = 'PC1' } }
                '^/schedules$' { return [pscustomobject] @{ id = 's1'; job_id = 'j1' } }
                '^/(jobs|schedules)/check$' { return [pscustomobject] @{ id = 'd1'; exists = $false; changed = $true; etag = $null; differences = @() } }
                default { throw "Nobody has said what $Path answers." }
            }
        }
    }

    AfterEach {
        Get-KanadeContext | Where-Object -FilterScript { $_.Name -eq 'lab' } | Disconnect-Kanade
        $env:KANADE_SERVER = $before.Server
        $env:KANADE_TOKEN = $before.Token
    }

    It 'changes nothing, and without it the same call does' {
        $calls.ContainsKey($Name) | Should -BeTrue -Because 'WhatIf.psd1 is to have a call of each command with -WhatIf'
        $call = $calls[$Name]
        $files = @(Files)
        $null = & $Name @call -WhatIf -ErrorAction Stop
        $changes | Should -BeNullOrEmpty
        @(Files) | Should -Be $files

        # Else it would say nothing that the first has changed nothing.
        try { $null = & $Name @call -Confirm:$false -ErrorAction Stop } catch { "$_" | Should -BeLike '*This would have changed something.' }
        $changes.Count + @(Compare-Object -ReferenceObject $files -DifferenceObject @(Files)).Count | Should -BeGreaterThan 0
    }
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Refusal.ps1')
}

Describe 'The groups of PCs' {
    BeforeEach {
        $script:groups = @{ PC1 = @('Office'); PC2 = @() }
        $script:revision = 7
        $script:written = [System.Collections.ArrayList]::new()
        # Others who change the groups between our reading and writing, so many times.
        $script:others = 0
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            if ($Path -eq '/groups') {
                return [pscustomobject] @{ items = @([pscustomobject] @{ group = 'Office'; members = 1 }, [pscustomobject] @{ group = 'Win11'; members = 0; kind = 'dynamic'; query = @('os.build>=22000'); description = 'new ones' }); next = $null }
            }
            if ($Path -eq '/agents') {
                if ($Query.group -eq 'Win11') { return }
                if ($Query.group -ne 'office') { return Refusal 'not_found' 404 }
                return [pscustomobject] @{ pc_id = 'PC1'; online = $true; last_seen = '2024-01-02T03:04:05Z'; version = '1'; os = 'Windows' }
            }
            $pc = $Path.Split('/')[2]
            if (-not $script:groups.ContainsKey($pc)) { return Refusal 'not_found' 404 }
            if ($Path -notlike '*/groups') { return [pscustomobject] @{ pc_id = $pc; online = $true; last_seen = $null; version = '1'; os = 'Windows' } }
            if ($Method -ne 'PUT') { return [pscustomobject] @{ pc_id = $pc; groups = $script:groups[$pc]; etag = "`"$script:revision`"" } }
            if ($script:others -gt 0) {
                $script:others--
                $script:revision++
                $script:groups[$pc] += "Other$script:others"
            }
            if ($Header['If-Match'] -ne "`"$script:revision`"") { return Refusal 'precondition_failed' 412 }
            $script:revision++
            $script:groups[$pc] = @($Body.groups)
            $null = $script:written.Add("${pc}: $($Body.groups -join ' ')")
            [pscustomobject] @{ pc_id = $pc; groups = $Body.groups; etag = "`"$script:revision`"" }
        }
    }

    It 'are listed, whatever kind they are' {
        $all = Get-KanadeGroup
        $all[0].PSObject.TypeNames[0] | Should -Be 'Kanade.Group'
        $all.Group | Should -Be 'Office', 'Win11'
        $all.Kind | Should -Be 'static', 'dynamic'
        $all[0].Query.Count | Should -Be 0
        $all[1].Query | Should -Be 'os.build>=22000'
        (Get-KanadeGroup -Group OFFICE, nobody -ErrorVariable wrong -ErrorAction SilentlyContinue).Group | Should -Be 'Office'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Get-KanadeGroup'
        (Get-KanadeGroup win*, x* -ErrorAction Stop).Group | Should -Be 'Win11'
    }

    It 'have members, and one that asks the inventory may have none' {
        $members = Get-KanadeGroup -Group office | Get-KanadeGroupMember
        $members.PSObject.TypeNames[0] | Should -Be 'Kanade.GroupMember'
        $members.Group, $members.ComputerName, $members.Online | Should -Be 'Office', 'PC1', $true
        Get-KanadeGroupMember -Group Win11 | Should -BeNullOrEmpty
        { Get-KanadeGroupMember -Group nobody -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Get-KanadeGroupMember'
    }

    It 'take a PC that comes down the pipeline, and those it has stay' {
        [pscustomobject] @{ ComputerName = 'pc1.example.com' }, 'PC2' | Add-KanadeGroupMember -Group Lab
        $written | Should -Be 'PC1: Office Lab', 'PC2: Lab'
    }

    It 'are not written when the PC is there already, in whatever case' {
        Add-KanadeGroupMember -ComputerName PC1 -Group OFFICE
        Remove-KanadeGroupMember -ComputerName PC1 -Group Lab
        $written.Count | Should -Be 0
        Add-KanadeGroupMember -ComputerName PC1 -Group Lab, lab, office
        $written | Should -Be 'PC1: Office Lab'
    }

    It 'keep what others change meanwhile' {
        $script:others = 2
        Add-KanadeGroupMember -ComputerName PC1 -Group Lab
        $written | Should -Be 'PC1: Office Other1 Other0 Lab'
    }

    It 'are given up when others change them again and again' {
        $script:others = 100
        { Add-KanadeGroupMember -ComputerName PC1 -Group Lab -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.precondition_failed,Add-KanadeGroupMember'
        $written.Count | Should -Be 0
    }

    It 'lose a PC, and give those they lost to the next command' {
        $moved = Get-KanadeGroupMember -Group office | Remove-KanadeGroupMember -PassThru | Add-KanadeGroupMember -Group New -PassThru
        $written | Should -Be 'PC1: ', 'PC1: New'
        $moved.Group, $moved.ComputerName | Should -Be 'New', 'PC1'
    }

    It 'tell which PC is not known, and take the others' {
        'nope', 'a b', 'PC2' | Add-KanadeGroupMember -Group Lab -ErrorVariable wrong -ErrorAction SilentlyContinue
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Add-KanadeGroupMember', 'Kanade.invalid_id,Add-KanadeGroupMember'
        $written | Should -Be 'PC2: Lab'
    }

    It 'change nothing with -WhatIf' {
        'PC1' | Add-KanadeGroupMember -Group Lab -WhatIf
        'PC1' | Remove-KanadeGroupMember -Group Office -WhatIf
        Should -Invoke -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -Times 0 -Exactly
    }
}

Describe 'Groups that ask the inventory' {
    BeforeEach {
        $env:KANADE_SERVER = 'http://127.0.0.1:1'
        $env:KANADE_TOKEN = 't'
        InModuleScope -ModuleName Kanade -ScriptBlock { $script:KanadeFleetSections = $null }
        $script:groups = @{ win11 = [pscustomobject] @{ group = 'win11'; kind = 'dynamic'; query = @('os.build>=22000'); description = 'new ones'; updated_at = $null; updated_by = $null; members = @('PC1', 'PC2', 'PC3'); error = $null; etag = '"7"' } }
        $script:sent = [System.Collections.ArrayList]::new()
        $script:refusal = $null
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            if ($Path -eq '/inventory/sections') { return [pscustomobject] @{ items = @([pscustomobject] @{ section = 'os'; custom = $false; pcs = 2; fields = @('build', 'product_type') }, [pscustomobject] @{ section = 'software'; custom = $false; pcs = 2; fields = @('name', 'install_date') }); next = $null } }
            if ($Path -eq '/groups') { return [pscustomobject] @{ items = @([pscustomobject] @{ group = 'win11'; kind = 'dynamic'; members = 3; query = @('os.build>=22000'); error = $null }); next = $null } }
            if ($Path -eq '/inventory/search') { return 'PC1', 'PC2' | ForEach-Object -Process { [pscustomobject] @{ pc_id = $_ } } }
            $name = $Path.Split('/')[-1]
            if ($Method -notin 'PUT', 'DELETE') {
                if ($script:groups.ContainsKey($name)) { return $script:groups[$name] }
                return Refusal 'not_found' 404
            }
            $null = $script:sent.Add(@{ Method = $Method; Path = $Path; Body = $Body; Header = $Header })
            if ($null -ne $script:refusal) { return $script:refusal }
            if ($Method -eq 'PUT') { return [pscustomobject] @{ group = $name; kind = 'dynamic'; query = $Body.query; description = $Body['description']; updated_at = $null; updated_by = $null; members = @('PC1'); error = $null; etag = '"8"' } }
        }
    }

    AfterAll {
        $env:KANADE_SERVER = ''
        $env:KANADE_TOKEN = ''
    }

    It 'are made of conditions as an admin writes them' {
        $made = Set-KanadeGroup old 'OS.Build < 22000', '!software.InstallDate>=2024-01-01', 'os.producttype=workstation' -PassThru
        $sent[0].Method, $sent[0].Path | Should -Be 'PUT', '/groups/old'
        $sent[0].Body.query | Should -Be 'os.build<22000', '!software.install_date>=2024-01-01', 'os.product_type=workstation'
        $sent[0].Body.Contains('description') | Should -BeFalse
        $sent[0].Header['If-None-Match'] | Should -Be '*'
        $made.PSObject.TypeNames[0] | Should -Be 'Kanade.Group'
        $made.Group, $made.Kind, $made.Members | Should -Be 'old', 'dynamic', 1
    }

    It 'keep what they are for until it is said anew' {
        Set-KanadeGroup -Group WIN11 -Query 'os.build>=26000' | Should -BeNullOrEmpty
        $sent[0].Body.description | Should -Be 'new ones'
        $sent[0].Header['If-Match'] | Should -Be '"7"'
        Get-KanadeGroup -Group win11 | Set-KanadeGroup -Description 'others'
        $sent[1].Body.query | Should -Be 'os.build>=22000'
        $sent[1].Body.description | Should -Be 'others'
    }

    It 'are refused by name when a condition is none, or by the backend' {
        { Set-KanadeGroup x 'Build>=22000' } | Should -Throw -ErrorId 'Kanade.invalid_filter,Set-KanadeGroup' -ExpectedMessage "*'Build>=22000'*section*"
        { Set-KanadeGroup x 'os.Build' } | Should -Throw -ErrorId 'Kanade.invalid_filter,Set-KanadeGroup'
        $sent.Count | Should -Be 0
        foreach ($refused in @('invalid_body', 422), @('group_kind', 409), @('precondition_failed', 412)) {
            $script:refusal = Refusal $refused[0] $refused[1]
            Set-KanadeGroup x 'os.build=1' -PassThru -ErrorVariable wrong -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $wrong.FullyQualifiedErrorId | Should -Be "Kanade.$($refused[0]),Set-KanadeGroup"
        }
    }

    It 'are refused when no PC has the field, which would make them of nobody or of all' {
        foreach ($query in 'os.Biuld>=22000', '!software.nmae=x', 'os.foo!=1') {
            { Set-KanadeGroup x 'os.build=1', $query } | Should -Throw -ErrorId 'Kanade.unknown_field,Set-KanadeGroup' -ExpectedMessage "'$query'*"
        }
        $sent.Count | Should -Be 0
        $groups.win11.query = @('os.gone=1')
        Get-KanadeGroup -Group win11 | Set-KanadeGroup -Query 'OS.Gone=1' -Description 'kept'
        $sent[0].Body.query | Should -Be 'os.gone=1'
    }

    It 'are made of a section that no PC has yet with a warning' {
        Set-KanadeGroup x 'disk_wear.PercentUsed>90', '!localadmins.Name=eve' -WarningVariable warned -WarningAction SilentlyContinue
        $sent[0].Body.query | Should -Be 'disk_wear.percent_used>90', '!local_admins.name=eve'
        $warned.Count | Should -Be 2
        "$($warned[0])" | Should -BeLike "'disk_wear.PercentUsed>90': no PC has a section 'disk_wear' yet*There are *bios*software*"
        "$($warned[1])" | Should -Not -BeLike '*There are*'
    }

    It 'are deleted one by one' {
        'nobody', 'win11' | Remove-KanadeGroup -Confirm:$false -ErrorVariable wrong -ErrorAction SilentlyContinue
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Remove-KanadeGroup'
        $sent.Method | Should -Be 'DELETE'
        $sent.Path | Should -Be '/groups/win11'
        $groups.torn = Refusal 'group_corrupt' 500
        Remove-KanadeGroup -Group torn -Confirm:$false
        $sent[1].Path | Should -Be '/groups/torn'
        $script:refusal = Refusal 'not_found' 404
        Get-KanadeGroup | Remove-KanadeGroup -Confirm:$false -ErrorVariable wrong -ErrorAction SilentlyContinue
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Remove-KanadeGroup'
        $wrong.TargetObject | Should -Be 'win11'
    }

    It 'stay as they are with -WhatIf, which says who is in them and who would be' {
        Mock -ModuleName Kanade -CommandName Get-KanadeFleetSection -MockWith { }
        $said = & {
            Start-Transcript -LiteralPath (Join-Path $TestDrive 'said.txt') | Out-Null
            Set-KanadeGroup x 'os.build=1' -WhatIf
            Set-KanadeGroup win11 'os.build=1' -WhatIf
            Remove-KanadeGroup win11 -WhatIf
            Stop-Transcript | Out-Null
            Get-Content -LiteralPath (Join-Path $TestDrive 'said.txt')
        }
        $sent.Count | Should -Be 0
        @($said | Where-Object -FilterScript { $_ -like 'What if*' }) -replace '.*on target ' | Should -Be '"group x (members: 0, then 2)".', '"group win11 (members: 3, then 2)".', '"group win11 (of 3 PCs)".'
    }

    It 'are not deleted when they are static, and -WhatIf says so too' {
        $groups.Lab = [pscustomobject] @{ group = 'Lab'; kind = 'static'; members = @('PC1') }
        foreach ($how in @{ WhatIf = $true }, @{ Confirm = $false }) {
            Remove-KanadeGroup Lab @how -ErrorVariable wrong -ErrorAction SilentlyContinue
            $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.group_kind,Remove-KanadeGroup'
        }
        $sent.Count | Should -Be 0
    }

    It 'are completed section by section, and field by field' {
        $complete = { param($Line) (TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches.CompletionText }
        & $complete 'Set-KanadeGroup x o' | Should -Be "'os."
        & $complete 'Set-KanadeGroup x os.pro' | Should -Be "'os.ProductType"
    }
}

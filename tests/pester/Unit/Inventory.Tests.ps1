BeforeAll {
    $root = Join-Path $PSScriptRoot '../../..'
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Private.ps1')
    . (Join-Path $PSScriptRoot '../Recorded/RecordedPc.ps1')
}

Describe 'The message for the agent' {
    AfterAll { Restore-Private }

    BeforeAll {
        Use-RecordedPc (Get-RecordedPc 'JapaneseDesktop')

        function Get-All([string] $Section) {
            , @(& (Get-Module -Name Kanade) { param($Section) Get-KanadeInventoryMessage -Section $Section -TimeoutSec 60 } $Section *>&1)
        }
    }

    It 'is one line of ASCII, and nothing on any other stream' {
        $all = Get-All 'software'
        $all.Count | Should -Be 1
        $all[0] | Should -BeOfType ([string])
        $all[0] | Should -Match '^\{[ -~]+\}$'
        @((ConvertFrom-Json -InputObject $all[0]).PSObject.Properties.Name) | Should -Be 'section', 'collected_at', 'data', 'faults', 'working_set'
    }

    It 'of a PC where a collector breaks says so' {
        Use-Private Get-KanadeWindowsTpm { param($Reading) Write-Warning -Message 'w'; Write-Error -Message 'e' -ErrorAction Stop }
        $all = Get-All 'tpm'
        $all.Count | Should -Be 1
        $message = ConvertFrom-Json -InputObject $all[0]
        $null -eq $message.data | Should -BeTrue
        $message.faults[0].source | Should -Be 'tpm'
        $message.faults[0].code | Should -Be 'failed'
    }

    It 'of a section that is not there is a message too' {
        $all = Get-All 'weather'
        $all.Count | Should -Be 1
        (ConvertFrom-Json -InputObject $all[0]).faults[0].code | Should -Be 'not_supported'
    }

    It 'is the same again when nothing has changed' {
        foreach ($section in 'software', 'sessions') {
            $first = (Get-All $section)[0] -replace '"(collected_at|working_set)":[^,}]+'
            (Get-All $section)[0] -replace '"(collected_at|working_set)":[^,}]+' | Should -BeExactly $first
        }
    }

    It 'has the state of services that Windows starts by itself alone left out' {
        Use-RecordedPc (Get-RecordedPc 'GermanLaptop')
        $kept = (ConvertFrom-Json -InputObject (Get-All 'services')[0]).data
        ($kept | Where-Object -Property name -EQ 'Spooler').state | Should -Be 'running'
        ($kept | Where-Object -Property name -EQ 'wuauserv').state | Should -BeNullOrEmpty
        (Get-KanadeInventory -Section services -Expand | Where-Object -Property Name -EQ 'wuauserv').State | Should -Be 'stopped'
    }
}

Describe 'Get-KanadeInventory on Windows' {
    AfterAll { Restore-Private }

    BeforeAll {
        Use-RecordedPc (Get-RecordedPc 'GermanLaptop')
        $all = @(Get-KanadeInventory)
    }

    It 'gives all sections, in order' {
        $all.Section | Should -Be (Invoke-Private Get-KanadeInventoryName)
        $all[0].PSObject.TypeNames[0] | Should -Be 'Kanade.InventorySection'
        $all[0].ComputerName | Should -Be ([System.Environment]::MachineName)
        $all[0].CollectedAt | Should -BeOfType ([datetime])
    }

    It 'shows of every row all that it has, and names its type' {
        $formats = @{}
        foreach ($format in Get-FormatData -TypeName 'Kanade.Inventory.*' -PowerShellVersion $PSVersionTable.PSVersion) { $formats[$format.TypeNames[0]] = $format }
        foreach ($section in $all) {
            $row = @($section.Data)[0]
            $type = 'Kanade.Inventory.' + (Invoke-Private ConvertTo-KanadePascalCase @{ Name = $section.Section })
            $row.PSObject.TypeNames[0] | Should -Be $type
            $list = $formats[$type].FormatViewDefinition.Control | Where-Object -FilterScript { $_ -is [System.Management.Automation.ListControl] }
            $list.Entries[0].Items.Label | Should -Be $row.PSObject.Properties.Name -Because "that is $type"
        }
    }

    It 'has the key of each list in its rows' {
        $definition = Invoke-Private Get-KanadeInventoryDefinition
        foreach ($section in $all) {
            foreach ($key in $definition[$section.Section].Key) { @($section.Data)[0].PSObject.Properties.Name | Should -Contain $key }
        }
    }

    It 'gives with -Expand the rows, each with its PC first' {
        $rows = @(Get-KanadeInventory -Section Software, tpm -Expand)
        $rows.Count | Should -Be 6
        $rows[0].PSObject.Properties.Name[0] | Should -Be 'ComputerName'
        $rows[0].ComputerName | Should -Be ([System.Environment]::MachineName)
        $rows[0].PSObject.TypeNames[0] | Should -Be 'Kanade.Inventory.Software'
        ($rows | Where-Object -Property Publisher -Like 'Dell*').InstallDate | Should -Be '2023-10-20'
    }

    It 'warns with -Expand of what could not be read, and not of what is not there' {
        Use-RecordedPc (Get-RecordedPc 'FrenchVirtualMachine')
        $null = Get-KanadeInventory -Section bitlocker, memory -Expand -WarningVariable warnings -WarningAction SilentlyContinue
        @($warnings).Count | Should -Be 1
        "$warnings" | Should -BeLike '*Win32_EncryptableVolume of bitlocker*access_denied*'
    }

    It 'refuses a section that is not there, names those that are, and gives the others' {
        $given = Get-KanadeInventory -Section weather, tpm -ErrorVariable faults -ErrorAction SilentlyContinue
        $given.Section | Should -Be 'tpm'
        @($faults).Count | Should -Be 1 -Because 'nothing else is an error'
        $faults[0].FullyQualifiedErrorId | Should -BeLike 'Kanade.unknown_section*'
        "$($faults[0])" | Should -BeLike '*weather*local_admins*'
    }

    It 'leaves no error behind of what could not be read' {
        Use-RecordedPc (Get-RecordedPc 'FrenchVirtualMachine')
        $given = Get-KanadeInventory -Section system, disks, bitlocker, updates, local_admins, sessions, pending_reboot -ErrorVariable faults
        @($given.Faults).Count | Should -BeGreaterThan 7
        @($faults).Count | Should -Be 0
    }

    It 'completes the names of sections' {
        (TabExpansion2 -inputScript 'Get-KanadeInventory -Section loc' -cursorColumn 32).CompletionMatches.CompletionText | Should -Be 'local_admins'
    }
}

Describe 'A Windows where nothing answers' -Tag Linux {
    AfterAll { Restore-Private }

    It 'has a fault for every section, and neither data nor an error' {
        # Linux has neither CIM nor a registry nor COM, and what asks for them here is what asks there.
        Use-Private Get-KanadePlatform { 'Windows' }
        $given = Get-KanadeInventory -ErrorVariable faults
        @($given).Count | Should -Be 20
        @($faults).Count | Should -Be 0
        foreach ($section in $given) {
            $null -eq $section.Data | Should -BeTrue -Because "that is $($section.Section)"
            $section.Faults.Count | Should -BeGreaterThan 0 -Because "that is $($section.Section)"
        }
    }
}

Describe 'Get-KanadeInventory on Linux' -Tag Linux {
    BeforeAll {
        $all = @{}
        foreach ($section in Get-KanadeInventory) { $all[$section.Section] = $section }
    }

    It 'has the sections that make sense' {
        & (Get-Module -Name Kanade) { Get-KanadeInventorySupport } | Should -Be '["system","os","cpu","memory","volumes","network","software"]'
        $all.Count | Should -Be 7
    }

    It 'knows this machine' {
        $all.system.Data.Name | Should -Be ([System.Environment]::MachineName)
        $all.system.Data.MemoryBytes | Should -BeGreaterThan 100MB
        $all.os.Data.Name | Should -Not -BeNullOrEmpty
        $all.os.Data.BootedAt | Should -BeLessThan ([datetime]::Now)
        ($all.cpu.Data | Measure-Object -Property LogicalProcessors -Sum).Sum | Should -BeGreaterOrEqual 1
        $all.memory.Data[0].CapacityBytes | Should -Be $all.system.Data.MemoryBytes
        $volume = $all.volumes.Data | Where-Object -Property Name -EQ '/'
        $volume.SizeBytes | Should -Be ([System.IO.DriveInfo]::new('/').TotalSize)
        $volume.FreePercent | Should -BeIn (0..100)
        @($all.network.Data).Name | Should -Not -Contain 'lo'
    }

    It 'has the packages that dpkg has' {
        if ($all.software.Faults.Count -gt 0) {
            # There are other families.
            $all.software.Faults[0].Code | Should -Be 'not_supported'
            return
        }
        $installed = @(dpkg-query --show --showformat '${db:Status-Status} ${Package}\n' | Where-Object -FilterScript { $_ -like 'installed *' })
        @($all.software.Data).Count | Should -Be $installed.Count
        ($all.software.Data | Where-Object -Property Name -EQ 'dpkg').InstallDate | Should -Match '^\d{4}-\d\d-\d\d$'
    }
}

Describe 'The collector' {
    BeforeAll {
        # What is said in code, without its comments.
        $said = @{}
        foreach ($file in Get-ChildItem -LiteralPath (Join-Path $root 'ps-module') -Recurse -Filter '*.ps1') {
            $tokens = $null
            $null = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref] $tokens, [ref] $null)
            $said[$file.BaseName] = @($tokens | Where-Object -Property Kind -NE 'Comment' | ForEach-Object -Process { $_.Text }) -join "`n"
        }
        # What installs and packs has programs, keys and COM of its own.
        $inventory = @((Get-ChildItem -LiteralPath (Join-Path $root 'ps-module/Private/Inventory') -Recurse -Filter '*.ps1').BaseName)
    }

    It 'never asks for <Class>' -ForEach @(@{ Class = 'Win32_Product\b' }, @{ Class = 'Win32_GroupUser' }, @{ Class = 'Win32_PerfFormatted' }, @{ Class = 'LoadPercentage' }, @{ Class = 'NumericalPassword' }) {
        @($said.Keys | Where-Object -FilterScript { $said[$_] -match $Class }) | Should -BeNullOrEmpty
    }

    It 'asks for named properties, and in no query of its own' {
        @($inventory | Where-Object -FilterScript { $said[$_] -match '(?m)^[''"]SELECT ' }) | Should -BeNullOrEmpty
    }

    It 'reads <What> in one place' -ForEach @(
        @{ What = 'CIM'; Pattern = 'Get-CimInstance'; Place = 'Get-KanadeCimInstance', 'Invoke-KanadeCimMethod' }
        @{ What = 'the registry'; Pattern = 'Microsoft\.Win32\.RegistryKey'; Place = 'Get-KanadeRegistryKey' }
        @{ What = 'COM'; Pattern = '-ComObject'; Place = 'Get-KanadeUpdateRecord' }
        @{ What = 'ADSI'; Pattern = 'WinNT://\.'; Place = 'Get-KanadeLocalGroupMember' }
        @{ What = 'programs'; Pattern = 'System\.Diagnostics\.ProcessStartInfo'; Place = 'Invoke-KanadeNative' }
    ) {
        @($inventory | Where-Object -FilterScript { $said[$_] -match $Pattern } | Sort-Object) | Should -Be $Place
    }
}

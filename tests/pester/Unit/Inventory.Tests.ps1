BeforeAll {
    $root = Join-Path $PSScriptRoot '../../..'
    Import-Module -Name (Join-Path $root 'Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Recorded/RecordedPc.ps1')

    # Calls a function that the module keeps for itself. An array comes back as it is.
    function Invoke-Private([string] $Name, [hashtable] $With = @{}) {
        $value = & (Get-Module -Name Kanade) { param($Name, $With) $value = & $Name @With; , $value } $Name $With
        , $value
    }

    function Get-Reading([double] $TimeoutSec = 60) {
        [pscustomobject] @{ Clock = [System.Diagnostics.Stopwatch]::StartNew(); TimeoutSec = $TimeoutSec; SourceTimeoutSec = 30; Steady = $false; Faults = [System.Collections.Generic.List[psobject]]::new() }
    }

    # What stays open until the test lets it go: a thread that hangs would keep this process.
    $script:gate = [System.Threading.ManualResetEvent]::new($false)
}

AfterAll {
    $null = $script:gate.Set()
}

Describe 'What could not be read' {
    AfterAll { Restore-Private }

    BeforeAll {
        function Get-Code([object] $What) {
            if ($What -is [System.Exception]) { $What = [System.Management.Automation.ErrorRecord]::new($What, 'Whatever', 'NotSpecified', $null) }
            Invoke-Private Get-KanadeFaultCode @{ ErrorRecord = $What }
        }
    }

    It '<Native> <HResult> of CIM is <Code>, whatever its message' -ForEach @(
        @{ HResult = '0x80041003'; Native = 'AccessDenied'; Message = 'Zugriff verweigert '; Code = 'access_denied' }
        @{ HResult = '0x80070005'; Native = 'AccessDenied'; Message = 'Access is denied. '; Code = 'access_denied' }
        @{ HResult = '0x40004'; Native = 'Failed'; Message = 'Timed out '; Code = 'timed_out' }
        @{ HResult = '0x80041010'; Native = 'InvalidClass'; Message = 'Access denied'; Code = 'not_supported' }
        @{ HResult = '0x8004100e'; Native = 'InvalidNamespace'; Message = 'Timed out'; Code = 'not_supported' }
        @{ HResult = '0x80041017'; Native = 'InvalidQuery'; Message = 'Invalid query '; Code = 'not_supported' }
        @{ HResult = '0x80041013'; Native = 'Failed'; Message = 'Access denied'; Code = 'failed' }
        @{ HResult = '0x800706ba'; Native = 'Failed'; Message = 'Invalid class'; Code = 'failed' }
    ) {
        Get-Code (Get-CimError $HResult $Native $Message) | Should -Be $Code
    }

    It '<Native> of a provider that gives no HRESULT is <Code>' -ForEach @(
        @{ Native = 'AccessDenied'; Code = 'access_denied' }
        @{ Native = 'NotSupported'; Code = 'not_supported' }
        @{ Native = 'InvalidClass'; Code = 'not_supported' }
        @{ Native = 'ServerLimitsExceeded'; Code = 'failed' }
    ) {
        $fault = Get-CimError '0x0' $Native 'x'
        Get-Code $fault.Exception | Should -Be $Code
    }

    It 'is told by an HRESULT that only the exception has' {
        $exception = [System.Exception]::new('whatever') | Add-Member -NotePropertyName MessageId -NotePropertyValue 'HRESULT 0x40004' -PassThru
        Get-Code $exception | Should -Be 'timed_out'
    }

    It '<Name> is <Code>' -ForEach @(
        @{ Name = 'a key that may not be opened'; Exception = [System.Security.SecurityException]::new('x'); Code = 'access_denied' }
        @{ Name = 'a file that may not be read'; Exception = [System.UnauthorizedAccessException]::new('x'); Code = 'access_denied' }
        @{ Name = 'a COM class that is not there'; Exception = [System.Runtime.InteropServices.COMException]::new('x', 0x80040154); Code = 'not_supported' }
        @{ Name = 'Windows Update without a server'; Exception = [System.Runtime.InteropServices.COMException]::new('x', 0x8024402c); Code = 'failed' }
        @{ Name = 'an error inside another'; Exception = [System.Exception]::new('x', [System.TimeoutException]::new('y')); Code = 'timed_out' }
        @{ Name = 'a program that is not there'; Exception = [System.ComponentModel.Win32Exception]::new(2); Code = 'not_supported' }
        @{ Name = 'a program that may not run'; Exception = [System.ComponentModel.Win32Exception]::new(5); Code = 'access_denied' }
        @{ Name = 'a registry where there is none'; Exception = [System.PlatformNotSupportedException]::new('x'); Code = 'not_supported' }
        @{ Name = 'anything else'; Exception = [System.Exception]::new('Access denied. Timed out. Not supported.'); Code = 'failed' }
    ) {
        Get-Code $Exception | Should -Be $Code
    }

    It 'is a fault of its section, in one line that is not too long' {
        $reading = Get-Reading
        $read = Invoke-Private Read-KanadeSource @{ Reading = $reading; Source = 'S' * 300; Read = { [System.Management.Automation.ErrorRecord]::new([System.Exception]::new("a`r`n  b" + 'c' * 2000), 'x', 'NotSpecified', $null) } }
        $null -eq $read | Should -BeTrue
        $reading.Faults[0].Source.Length | Should -Be 256
        $reading.Faults[0].Message.Length | Should -Be 1024
        $reading.Faults[0].Message | Should -BeLike 'a bc*'
    }

    It 'is not what is empty' {
        $reading = Get-Reading
        $read = Invoke-Private Read-KanadeSource @{ Reading = $reading; Source = 'S'; Read = { } }
        $null -eq $read | Should -BeFalse
        $read.Count | Should -Be 0
        $reading.Faults.Count | Should -Be 0
    }

    It 'is not asked when the time of its section is over' {
        $reading = Get-Reading -TimeoutSec 0
        $null -eq (Invoke-Private Read-KanadeSource @{ Reading = $reading; Source = 'S'; Read = { throw 'asked' } }) | Should -BeTrue
        $reading.Faults[0].Code | Should -Be 'timed_out'
        $reading.Faults[0].Message | Should -Not -Be 'asked'
    }

    It 'of an older Windows leaves its property out, and reads the others' {
        Use-Private Get-KanadeCimInstance { param($ClassName, $Namespace, $Property, $Filter, $TimeoutSec) if ('New' -in $Property) { return Get-CimError '0x80041017' 'InvalidQuery' 'x' }; [pscustomobject] @{ Old = 1 } }
        $reading = Get-Reading
        $read = Invoke-Private Read-KanadeCim @{ Reading = $reading; ClassName = 'C'; Property = @('Old'); Optional = @('New') }
        $read[0].Old | Should -Be 1
        $read[0].New | Should -BeNullOrEmpty
        @($reading.Faults | ForEach-Object -Process { "$($_.Source): $($_.Code)" }) | Should -Be 'C New: not_supported'
    }
}

Describe 'What hangs' {
    AfterAll { Restore-Private }

    It 'is left behind, and what comes after it is read' {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $fault = Invoke-Private Invoke-KanadeBounded @{ ScriptBlock = { param($Gate) $Gate.WaitOne() }; Parameter = @{ Gate = $script:gate }; TimeoutSec = 0.3 }
        $fault.Exception | Should -BeOfType ([System.TimeoutException])
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 5
        (Invoke-Private Invoke-KanadeBounded @{ ScriptBlock = { param($A) $A + 1; 'two' }; Parameter = @{ A = 1 }; TimeoutSec = 30 }) -join ' ' | Should -Be '2 two'
    }

    It 'does so in the background' {
        Invoke-Private Invoke-KanadeBounded @{ ScriptBlock = { [System.Threading.Thread]::CurrentThread.IsBackground }; TimeoutSec = 30 } | Should -BeTrue
    }

    It 'costs its section the time of the section and no more, and only what it was to say' {
        Use-RecordedPc (Get-RecordedPc 'GermanLaptop')
        # The seam as it is, with a class that never answers.
        $script:recordedCim = & (Get-Module -Name Kanade) { ${function:Get-KanadeCimInstance} }
        Use-Private Get-KanadeCimInstance {
            param($ClassName, $Namespace = 'root/cimv2', $Property, $Filter, $TimeoutSec)
            if ($ClassName -ne 'Win32_BaseBoard') { return & $script:recordedCim -ClassName $ClassName -Namespace $Namespace -Property $Property -Filter $Filter -TimeoutSec $TimeoutSec }
            $hang = @{ ScriptBlock = { param($Gate) $Gate.WaitOne() }; Parameter = @{ Gate = $script:gate }; TimeoutSec = $TimeoutSec }
            & (Get-Module -Name Kanade) { param($Hang) Invoke-KanadeBounded @Hang } $hang
        }
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $message = & (Get-Module -Name Kanade) { Get-KanadeInventoryMessage -Section bios -TimeoutSec 1 } | ConvertFrom-Json
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 6
        $message.data.version | Should -Be '1.30.1'
        $message.data.board_model | Should -BeNullOrEmpty
        $message.faults[0].source | Should -Be 'Win32_BaseBoard'
        @($message.faults.code | Select-Object -Unique) | Should -Be 'timed_out'
    }

    It 'is not what fails: that gives its error' {
        $fault = Invoke-Private Invoke-KanadeBounded @{ ScriptBlock = { 'first'; Get-Item -LiteralPath '/there/is/none' }; TimeoutSec = 30 }
        $fault[1].FullyQualifiedErrorId | Should -BeLike 'PathNotFound*'
    }
}

Describe 'A program' {
    BeforeAll {
        # What waits for a minute, and what fails.
        $waits = @{ FilePath = 'sleep'; Arguments = '60' }
        $fails = @{ FilePath = 'sh'; Arguments = '-c "echo why >&2; exit 3"' }
        if (-not [System.IO.Directory]::Exists('/proc/self')) {
            $waits = @{ FilePath = 'ping.exe'; Arguments = '-n 60 127.0.0.1' }
            $fails = @{ FilePath = 'cmd.exe'; Arguments = '/c "echo why 1>&2 & exit 3"' }
        }
    }

    It 'that does not end in time is ended' {
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $fault = Invoke-Private Invoke-KanadeNative ($waits + @{ TimeoutSec = 0.3 })
        Invoke-Private Get-KanadeFaultCode @{ ErrorRecord = $fault } | Should -Be 'timed_out'
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 10
    }

    It 'that fails is a failure, with what it said' {
        $fault = Invoke-Private Invoke-KanadeNative ($fails + @{ TimeoutSec = 30 })
        "$fault" | Should -BeLike '*3*why*'
    }

    It 'that is not there is not supported' {
        $fault = Invoke-Private Invoke-KanadeNative @{ FilePath = 'kanade-is-no-program'; TimeoutSec = 5 }
        Invoke-Private Get-KanadeFaultCode @{ ErrorRecord = $fault } | Should -Be 'not_supported'
    }
}

Describe 'A value' {
    It 'of a maker: <Value> is <Text>' -ForEach @(
        @{ Value = ' 9JRN53 '; Text = '9JRN53' }
        @{ Value = "ABC`0def"; Text = 'ABC' }
        @{ Value = 'VMware-56 4d 1a 2b'; Text = 'VMware-56 4d 1a 2b' }
        @{ Value = '1100'; Text = '1100' }
        @{ Value = 'To be filled by O.E.M.'; Text = $null }
        @{ Value = 'DEFAULT STRING'; Text = $null }
        @{ Value = 'System Serial Number'; Text = $null }
        @{ Value = 'None'; Text = $null }
        @{ Value = '00000000'; Text = $null }
        @{ Value = '00000000-0000-0000-0000-000000000000'; Text = $null }
        @{ Value = 'FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF'; Text = $null }
        @{ Value = 'xxxxxxx'; Text = $null }
        @{ Value = '.'; Text = $null }
        @{ Value = ''; Text = $null }
        @{ Value = $null; Text = $null }
    ) {
        Invoke-Private ConvertTo-KanadeIdentity @{ Value = $Value } | Should -BeExactly $Text
    }

    It 'of an installer: <Value> is <Day>' -ForEach @(
        @{ Value = '20231105'; Day = '2023-11-05' }
        @{ Value = '2023-11-05'; Day = '2023-11-05' }
        @{ Value = '1699142400'; Day = '2023-11-05' }
        @{ Value = '05/11/2023'; Day = $null }
        @{ Value = '5.11.2023'; Day = $null }
        @{ Value = '20231345'; Day = $null }
        @{ Value = '00000000'; Day = $null }
        @{ Value = $null; Day = $null }
    ) {
        Invoke-Private ConvertTo-KanadeInstallDate @{ Value = $Value } | Should -BeExactly $Day
    }

    It 'of hotfixes: <Values> are <Days>' -ForEach @(
        @{ Values = '11/5/2023', '10/31/2023'; Days = '2023-11-05', '2023-10-31' }
        @{ Values = '11/5/2023', '31/10/2023'; Days = '2023-05-11', '2023-10-31' }
        @{ Values = '11/5/2023', '31/10/2023', '10/31/2023'; Days = $null, $null, $null }
        @{ Values = '05.11.2023', '2023/11/05', '2023-11-05', '20231105'; Days = '2023-11-05', '2023-11-05', '2023-11-05', '2023-11-05' }
        @{ Values = "$([char] 0x200e)05$([char] 0x200e)/11/2023"; Days = @('2023-05-11') }
        @{ Values = '01da0f7d8cf1c000'; Days = @('2023-11-05') }
        @{ Values = '5/11/2566', '', 'gestern'; Days = $null, $null, $null }
    ) {
        $found = Invoke-Private ConvertTo-KanadeHotfixDate @{ Value = [string[]] $Values }
        @($Values | ForEach-Object -Process { $found[$_] }) | Should -Be $Days
    }

    It 'of an adapter: <Value> is <Address>' -ForEach @(
        @{ Value = '005056C00001'; Address = '00:50:56:C0:00:01' }
        @{ Value = '00-50-56-c0-00-01'; Address = '00:50:56:C0:00:01' }
        @{ Value = '000000000000'; Address = $null }
        @{ Value = ''; Address = $null }
    ) {
        Invoke-Private ConvertTo-KanadeMacAddress @{ Value = $Value } | Should -BeExactly $Address
    }

    It 'of a clock that is being set is the same minute' {
        $first = Invoke-Private ConvertTo-KanadeMinute @{ Value = [datetime] '2023-11-20T10:00:12.9' }
        Invoke-Private ConvertTo-KanadeMinute @{ Value = [datetime] '2023-11-20T09:59:58.1' } | Should -Be $first
    }

    It 'has a name both ways: <Pascal> is <Snake>' -ForEach @(
        @{ Pascal = 'InstallDate'; Snake = 'install_date' }
        @{ Pascal = 'Name'; Snake = 'name' }
        @{ Pascal = 'LocalAdmins'; Snake = 'local_admins' }
        @{ Pascal = 'OsBuildIdX'; Snake = 'os_build_id_x' }
    ) {
        Invoke-Private ConvertTo-KanadeSnakeCase @{ Name = $Pascal } | Should -BeExactly $Snake
        Invoke-Private ConvertTo-KanadePascalCase @{ Name = $Snake } | Should -BeExactly $Pascal
    }

    It 'is in JSON what it was' {
        $row = [pscustomobject] @{ ATime = [datetime]::new(2023, 11, 20, 10, 0, 0, [System.DateTimeKind]::Utc).ToLocalTime(); One = @('x'); None = @(); Nothing = $null; Truth = $true; Number = [uint64] 18000000000; Text = "$([char] 0xfc)`n$([char]::ConvertFromUtf32(0x1f600))" }
        $json = Invoke-Private ConvertTo-KanadeAsciiJson @{ Value = Invoke-Private ConvertTo-KanadeInventoryValue @{ Value = @($row) } }
        $json | Should -BeExactly '[{"a_time":"2023-11-20T10:00:00Z","one":["x"],"none":[],"nothing":null,"truth":true,"number":18000000000,"text":"\u00fc\n\ud83d\ude00"}]'
    }

    It 'stands in a list where its key puts it, in every language, each time' {
        $rows = @(
            [pscustomobject] @{ Name = 'b'; Version = '2' }
            [pscustomobject] @{ Name = 'B'; Version = '1' }
            [pscustomobject] @{ Name = 'b'; Version = '1' }
            [pscustomobject] @{ Name = "$([char] 0xe4)"; Version = '1' }
            [pscustomobject] @{ Name = 'a-b'; Version = '1' }
            [pscustomobject] @{ Name = 'ab'; Version = '1' }
        )
        $sorted = Invoke-Private Get-KanadeSortedRow @{ Row = $rows; Key = @('Name') }
        ($sorted | ForEach-Object -Process { "$($_.Name)$($_.Version)" }) -join ' ' | Should -BeExactly "B1 a-b1 ab1 b1 b2 $([char] 0xe4)1"
        [array]::Reverse($rows)
        $again = Invoke-Private Get-KanadeSortedRow @{ Row = $rows; Key = @('Name') }
        ConvertTo-Json -InputObject $again | Should -BeExactly (ConvertTo-Json -InputObject $sorted)
    }
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
    }

    It 'never asks for <Class>' -ForEach @(@{ Class = 'Win32_Product\b' }, @{ Class = 'Win32_GroupUser' }, @{ Class = 'Win32_PerfFormatted' }, @{ Class = 'LoadPercentage' }, @{ Class = 'NumericalPassword' }, @{ Class = '(?m)^[''"]SELECT ' }) {
        @($said.Keys | Where-Object -FilterScript { $said[$_] -match $Class }) | Should -BeNullOrEmpty
    }

    It 'reads <What> in one place' -ForEach @(
        @{ What = 'CIM'; Pattern = 'Get-CimInstance'; Place = 'Get-KanadeCimInstance', 'Invoke-KanadeCimMethod' }
        @{ What = 'the registry'; Pattern = 'Microsoft\.Win32\.RegistryKey'; Place = 'Get-KanadeRegistryKey' }
        @{ What = 'COM'; Pattern = '-ComObject'; Place = 'Get-KanadeUpdateRecord' }
        @{ What = 'ADSI'; Pattern = 'WinNT://\.'; Place = 'Get-KanadeLocalGroupMember' }
        @{ What = 'programs'; Pattern = 'System\.Diagnostics\.ProcessStartInfo'; Place = 'Invoke-KanadeNative' }
    ) {
        @($said.Keys | Where-Object -FilterScript { $said[$_] -match $Pattern } | Sort-Object) | Should -Be $Place
    }
}

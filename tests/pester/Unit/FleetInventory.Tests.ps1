BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Refusal.ps1')

    function Section([string] $Name, [string] $Data, [string] $Rows = 'null', [string] $Faults = '[]') {
        '{"section":"' + $Name + '","collected_at":"2024-01-02T03:04:05Z","checked_at":"2024-01-03T03:04:05Z","hash":"h","custom":false,"job_id":null,"exec_id":null,"rows":' + $Rows + ',"data":' + $Data + ',"faults":' + $Faults + '}'
    }

    function Json([string] $Text) {
        InModuleScope -ModuleName Kanade -Parameters @{ Text = $Text } -ScriptBlock { param($Text) ConvertFrom-KanadeJson -Text $Text }
    }

    function Uri([string[]] $Condition) {
        InModuleScope -ModuleName Kanade -Parameters @{ Condition = $Condition } -ScriptBlock {
            param($Condition)
            (Join-KanadeUri -Server 'https://kanade.test' -Path '/inventory/search' -Condition $Condition).Query
        }
    }

    $sections = '{"items":[{"section":"software","custom":false,"pcs":2,"fields":["name","version","install_date","user"]},{"section":"os","custom":false,"pcs":2,"fields":["name","build","booted_at"]},
        {"section":"local_admins","custom":false,"pcs":1,"fields":["sid"]},{"section":"disk_wear","custom":true,"pcs":1,"fields":["model","percent_used"]}],"next":null}'
}

Describe 'Find-KanadeInventory' {
    BeforeEach {
        $env:KANADE_SERVER = 'http://127.0.0.1:1'
        $env:KANADE_TOKEN = 't'
        InModuleScope -ModuleName Kanade -ScriptBlock { $script:KanadeFleetSections = $null }
        $script:asked = [System.Collections.ArrayList]::new()
        $script:askedSections = [System.Collections.ArrayList]::new()
        $script:answer = '[]'
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            if ($Path -eq '/inventory/sections') {
                $null = $script:askedSections.Add($(if ($null -eq $Query) { '' } else { $Query.section }))
                return Json $sections
            }
            $null = $script:asked.Add(@{ Path = $Path; Query = $Query; Condition = $Condition; First = $First })
            Json $script:answer
        }
    }

    AfterAll {
        $env:KANADE_SERVER = ''
        $env:KANADE_TOKEN = ''
    }

    It 'asks for the rows of a section, in the words of the API' {
        $null = Find-KanadeInventory software 'Name=*Zoom*', 'Version < 5', 'InstallDate>=2024-01-01', 'install_date!=2024-02-02', 'os.Build>=22000' -Group Lab -Online:$false -First 7
        $asked.Count | Should -Be 1
        $asked[0].Path | Should -Be '/inventory/software'
        $asked[0].Condition | Should -Be 'software.name=*Zoom*', 'software.version<5', 'software.install_date>=2024-01-01', 'software.install_date!=2024-02-02', 'os.build>=22000'
        $asked[0].Query.group, $asked[0].Query.online, $asked[0].First | Should -Be 'Lab', 'false', 7
    }

    It 'knows sections and fields however they are written' {
        $null = Find-KanadeInventory -Section LocalAdmins -Filter 'SID~S-1-5'
        $null = Find-KanadeInventory -Section DISK_WEAR -Filter 'percentused>90'
        $asked.Path | Should -Be '/inventory/local_admins', '/inventory/disk_wear'
        $asked.Condition | Should -Be 'local_admins.sid~S-1-5', 'disk_wear.percent_used>90'
    }

    It 'asks what there is of the sections it needs only, once for a while, and of all to name them' {
        $null = Find-KanadeInventory LocalAdmins 'Sid~S-1', 'os.Build>1'
        $null = Find-KanadeInventory LocalAdmins 'Sid~S-2'
        $askedSections | Should -Be 'LocalAdmins', 'local_admins', 'os'
        { Find-KanadeInventory sofware } | Should -Throw -ErrorId 'Kanade.unknown_section,Find-KanadeInventory'
        $askedSections[-1] | Should -Be ''
        { Find-KanadeInventory ('x' * 101) } | Should -Throw -ErrorId 'Kanade.unknown_section,Find-KanadeInventory'
    }

    It 'takes a time as a string of PowerShell has it' {
        $time = [datetime]::new(2024, 7, 2, 3, 4, 5)
        $null = Find-KanadeInventory os "BootedAt<$time"
        $asked[0].Condition | Should -Be ('os.booted_at<' + $time.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.000'Z'"))
    }

    It 'gives typed rows, each with its PC first' {
        $script:answer = '[{"pc_id":"PC1","row":{"name":"7-Zip","version":"24.8","install_date":"2024-01-02","seen_at":"2024-01-02T03:04:05Z","size":5,"ratio":0.5,"on":true,"kb":["1","2"],"user":null}}]'
        $row = Find-KanadeInventory -Section software
        $row.PSObject.TypeNames[0] | Should -Be 'Kanade.Inventory.Software'
        $row.PSObject.Properties.Name | Should -Be 'ComputerName', 'Name', 'Version', 'InstallDate', 'SeenAt', 'Size', 'Ratio', 'On', 'Kb', 'User'
        $row.ComputerName, $row.Version, $row.InstallDate | Should -Be 'PC1', '24.8', '2024-01-02'
        $row.SeenAt | Should -Be ([datetime]::new(2024, 1, 2, 3, 4, 5, [System.DateTimeKind]::Utc).ToLocalTime())
        $row.Size + 1 | Should -Be 6
        $row.Ratio | Should -Be 0.5
        $row.On | Should -BeTrue
        $row.Kb | Should -Be '1', '2'
        $row.User | Should -BeNullOrEmpty
    }

    It 'gives rows of a custom section, which cannot say that they are of another PC' {
        $script:answer = '[{"pc_id":"PC1","row":{"model":"x","computer_name":"PC9","p_s_type_name":"Kanade.Agent"}}]'
        $row = Find-KanadeInventory -Section disk_wear
        $row.PSObject.TypeNames[0] | Should -Be 'Kanade.Inventory.Row'
        $row.ComputerName | Should -Be 'PC1'
        $row.ReportedComputerName | Should -Be 'PC9'
    }

    It 'gives texts of a custom section without control characters, because no view stands between them and the terminal' {
        $script:answer = '[{"pc_id":"PC1","row":{"model":"x\u001b]0;y\u0007\u202ez","notes":["a\u001b[31mb",1]}}]'
        $row = Find-KanadeInventory -Section disk_wear
        $row.Model | Should -BeExactly 'x]0;yz'
        $row.Notes | Should -BeExactly 'ab', 1
        (Find-KanadeInventory -Section software).Model.Length | Should -Be 9
    }

    It 'gives every row, whatever a PC calls its fields and whatever only looks like a time' {
        InModuleScope -ModuleName Kanade -ScriptBlock {
            $row = [pscustomobject] @{ ps_object = 1; ps_base = 2; ps_adapted = 3; ps_extended = 4; ps_type_names = 5; ps_type_name = 6; never = '2026-02-30T10:00:00Z'; at = '2026-02-28T10:00:00Z' }
            $it = [pscustomobject] @{ pc_id = 'PC1'; row = $row } | ConvertTo-KanadeInventoryRow -Section custom
            $it.ReportedPsObject, $it.ReportedPsBase, $it.ReportedPsAdapted, $it.ReportedPsExtended, $it.ReportedPsTypeNames, $it.ReportedPsTypeName | Should -Be 1, 2, 3, 4, 5, 6
            $it.PSObject.TypeNames[0] | Should -Be 'Kanade.Inventory.Row'
            $it.Never | Should -BeExactly '2026-02-30T10:00:00Z'
            $it.At | Should -Be ([datetime]::new(2026, 2, 28, 10, 0, 0, [System.DateTimeKind]::Utc).ToLocalTime())
            $it.At | Should -BeOfType ([datetime])
        }
    }

    It 'gives with -Without the PCs that have no such row' {
        $script:answer = '[{"pc_id":"PC1","online":false,"matches":[]},{"pc_id":"PC2","online":true,"matches":[{"section":"software","row":{"name":"Office"}}]}]'
        $found = Find-KanadeInventory software 'Name=Office' -Without 'Name=Google Chrome', 'Version>=120'
        $asked[0].Path | Should -Be '/inventory/search'
        $asked[0].Condition | Should -Be 'software.name=Office', '!software.name=Google Chrome', '!software.version>=120'
        $found.ComputerName | Should -Be 'PC1', 'PC2'
        $found.Online | Should -Be $false, $true
        $found[0].PSObject.TypeNames[0] | Should -Be 'Kanade.InventoryMatch'
        $found[1].Matches[0].PSObject.TypeNames[0] | Should -Be 'Kanade.Inventory.Software'
        $found[1].Matches.ComputerName | Should -Be 'PC2'
    }

    It 'binds down the pipeline by the PC, also where rows have a name of their own' {
        $script:answer = '[{"pc_id":"PC1","row":{"name":"7-Zip"}},{"pc_id":"PC2","row":{"name":"7-Zip"}}]'
        Mock -ModuleName Kanade -CommandName Submit-KanadeExecution -MockWith { $script:target = $Request.target }
        Find-KanadeInventory software | Invoke-KanadeExec -JobId update-zoom
        $target.pcs | Should -Be 'PC1', 'PC2'
    }

    It 'names the condition that is none' {
        foreach ($wrong in 'Name', 'Name 7-Zip', '=x', '', '!Name=x', '7=x') {
            { Find-KanadeInventory software $wrong } | Should -Throw -ErrorId 'Kanade.invalid_filter,Find-KanadeInventory' -ExpectedMessage "*'$wrong'*"
        }
        $asked.Count | Should -Be 0
    }

    It 'names the sections and fields there are when it is asked for another, before anything is searched' {
        { Find-KanadeInventory sofware } | Should -Throw -ErrorId 'Kanade.unknown_section,Find-KanadeInventory' -ExpectedMessage '*disk_wear*software*'
        { Find-KanadeInventory software -Without 'Nmae=x' } | Should -Throw -ErrorId 'Kanade.unknown_field,Find-KanadeInventory' -ExpectedMessage '*InstallDate*'
        { Find-KanadeInventory software 'oss.Build>1' } | Should -Throw -ErrorId 'Kanade.unknown_section,Find-KanadeInventory'
        $asked.Count | Should -Be 0
    }

    It 'takes a section of the agents that no PC has sent yet' {
        Find-KanadeInventory tpm 'Present=false' | Should -BeNullOrEmpty
        $asked[0].Condition | Should -Be 'tpm.present=false'
    }
}

Describe 'A condition in an address' {
    It 'is escaped before and after the equals sign of its operator, or as a whole' {
        Uri 'os.build>=22000' | Should -Be '?os.build%3E=22000'
        Uri 'software.name=a=b&c*' | Should -Be '?software.name=a%3Db%26c%2A'
        Uri '!software.name!=Google Chrome' | Should -Be '?%21software.name%21=Google%20Chrome'
        Uri 'software.version<24' | Should -Be '?software.version%3C24'
        Uri 'software.name~a=b' | Should -Be '?software.name~a%3Db'
        Uri 'a.b!=x', 'a.b!=y' | Should -Be '?a.b%21=x&a.b%21=y'
    }
}

Describe 'Get-KanadeInventory of other PCs' {
    BeforeEach {
        $script:asked = [System.Collections.ArrayList]::new()
        $software = Section 'software' '[{"name":"7-Zip","version":"24.8"}]' '1' '[{"source":"HKU","code":"access_denied","message":"n\u001b]0;o"},{"source":"x","code":"not_supported","message":"none"}]'
        $script:answer = '{"pc_id":"PC1","collected_at":null,"sections":[' + ((Section 'os' '{"name":"Windows","booted_at":"2024-01-02T03:04:05Z"}'), $software, (Section 'sessions' '[]' '0'), (Section 'tpm' 'null') -join ',') + ']}'
        $script:refresh = $null
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Path = $Path; Query = $Query; Method = $Method; Body = $Body; First = $First })
            if ($Path -like '/agents/NOPE/*') { return Refusal 'not_found' }
            if ($Method -eq 'POST' -and $null -ne $script:refresh) { return $script:refresh }
            Json $script:answer
        }
    }

    It 'gives the sections in the form they have on the PC' {
        $os, $software, $sessions, $tpm = 'pc1.example.com' | Get-KanadeInventory
        $asked[0].Path | Should -Be '/agents/PC1/inventory'
        $os.PSObject.TypeNames[0] | Should -Be 'Kanade.InventorySection'
        $local = Get-KanadeInventory -Section os
        $os.PSObject.Properties.Name | Should -Be $local.PSObject.Properties.Name
        $os.Data.PSObject.TypeNames[0] | Should -Be $local.Data.PSObject.TypeNames[0]
        $os.Data.BootedAt | Should -BeOfType ([datetime])
        $os.CollectedAt | Should -BeLessThan $os.CheckedAt
        , $software.Data | Should -BeOfType ([array])
        $software.Data[0].Name | Should -Be '7-Zip'
        $software.Data[0].PSObject.Properties.Name[0], $software.Data[0].ComputerName | Should -Be 'ComputerName', 'PC1'
        $os.Data.ComputerName | Should -Be 'PC1'
        $local.Data.ComputerName | Should -Be ([System.Environment]::MachineName)
        $software.Faults[0].PSObject.TypeNames[0] | Should -Be 'Kanade.InventoryFault'
        $software.Faults[0].Code | Should -Be 'access_denied'
        , $sessions.Data | Should -BeOfType ([array])
        $sessions.Data.Count | Should -Be 0
        $null -eq $tpm.Data | Should -BeTrue
    }

    It 'gives the rows with -Expand, and warns of what could not be read' {
        $rows = Get-KanadeInventory -ComputerName PC1 -Section os, Software -Expand -WarningVariable warned -WarningAction SilentlyContinue
        $asked[0].Query.section | Should -Be 'os,software'
        $rows.ComputerName | Should -Be 'PC1', 'PC1'
        $rows[1].PSObject.TypeNames[0] | Should -Be 'Kanade.Inventory.Software'
        $warned.Count | Should -Be 1
        "$warned" | Should -BeLike 'PC1: HKU*access_denied*n]0;o'
    }

    It 'has a PC collect first' {
        $null = Get-KanadeInventory -ComputerName PC1 -Section os -Refresh
        $asked[0].Method, $asked[0].Path | Should -Be 'POST', '/agents/PC1/inventory/refresh'
        $asked[0].Body.sections | Should -Be 'os'
        $asked[1].Path | Should -Be '/agents/PC1/inventory'
        $null = Get-KanadeInventory -ComputerName PC1 -Section disk_wear -Refresh -ErrorAction SilentlyContinue
        $asked.Count | Should -Be 3
        $null = Get-KanadeInventory -ComputerName PC1 -Refresh
        $asked[3].Method, $asked[3].Body.Count | Should -Be 'POST', 0
    }

    It 'tells what the PC still reads' {
        $script:refresh = Json '{"pc_id":"PC1","sections":[{"section":"os","changed":true}],"pending":["updates","bitlocker"]}'
        $null = Get-KanadeInventory -ComputerName PC1 -Refresh -WarningVariable warned -WarningAction SilentlyContinue
        "$($warned[0])" | Should -BeLike 'PC1*updates, bitlocker*'
    }

    It 'names the PC once in an error' {
        $script:refresh = InModuleScope -ModuleName Kanade -ScriptBlock { Get-KanadeErrorRecord -Code 'agent_unreachable' -Category OperationTimeout -Message 'The PC did not answer: PC1 is not connected' }
        'PC1' | Get-KanadeInventory -Refresh -ErrorVariable wrong -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $wrong[0].Exception.Message | Should -BeExactly 'The PC did not answer: PC1 is not connected'
        $script:refresh = Refusal 'agent_unreachable'
        'PC1' | Get-KanadeInventory -Refresh -ErrorVariable wrong -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $wrong[0].Exception.Message | Should -BeExactly 'PC1: refused'
    }

    It 'gives nothing of a PC that could not collect, and goes on' {
        foreach ($code in 'agent_unreachable', 'inventory_failed', 'not_ready') {
            $script:refresh = Refusal $code
            'PC1', 'PC2' | Get-KanadeInventory -Refresh -ErrorVariable wrong -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
            $wrong.FullyQualifiedErrorId | Should -Be (@("Kanade.$code,Get-KanadeInventory") * 2)
            $wrong.TargetObject | Should -Be 'PC1', 'PC2'
        }
    }

    It 'says which PC and which section is not there, and gives the others' {
        $found = 'nope', 'a b', 'PC1' | Get-KanadeInventory -Section os, software, sessions, tpm, disk_wear -ErrorVariable wrong -ErrorAction SilentlyContinue
        $found.Count | Should -Be 4
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Get-KanadeInventory', 'Kanade.invalid_id,Get-KanadeInventory', 'Kanade.section_missing,Get-KanadeInventory'
        $wrong[2].Exception.Message | Should -Be "PC1 has sent no section 'disk_wear'. Get-KanadeInventory -ComputerName PC1 gives those it has."
    }

    It 'ends with what any other PC would meet too' {
        $script:answer = '{}'
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith { Refusal 'unauthenticated' -Status 401 }
        { 'PC1', 'PC2' | Get-KanadeInventory } | Should -Throw -ErrorId 'Kanade.unauthenticated,Get-KanadeInventory'
        { 'PC1', 'PC2' | Get-KanadeInventory -History } | Should -Throw -ErrorId 'Kanade.unauthenticated,Get-KanadeInventory'
    }

    It 'gives what has changed' {
        $script:answer = '[{"recorded_at":"2024-01-03T00:00:00Z","collected_at":"2024-01-02T00:00:00Z","section":"software","change":"changed","key":{"name":"7-Zip","architecture":"x64","user":null},"before":{"version":"23"},"after":{"version":"24"}},
            {"recorded_at":"2024-01-01T00:00:00Z","collected_at":"2024-01-01T00:00:00Z","section":"local_admins","change":"added","key":{"sid":"S-1"},"before":null,"after":{"sid":"S-1","name":"eve"}}]'
        $changes = 'PC1' | Get-KanadeInventory -Section software, LocalAdmins -History
        $asked[-1].Path | Should -Be '/agents/PC1/inventory-changes'
        $asked[-1].Query.section | Should -Be 'software,local_admins'
        $asked[-1].First | Should -Be 50
        $changes.ComputerName | Should -Be 'PC1', 'PC1'
        $changes[0].PSObject.TypeNames[0] | Should -Be 'Kanade.InventoryChange'
        $changes[0].At | Should -BeLessThan $changes[0].RecordedAt
        $changes[0].Change, $changes[0].Key.Name, $changes[0].Before.Version, $changes[0].After.Version | Should -Be 'changed', '7-Zip', '23', '24'
        $changes[1].Before | Should -BeNullOrEmpty
        $changes[1].After.Name | Should -Be 'eve'
        ($changes | Format-Table | Out-String -Width 200) | Should -BeLike '*7-Zip, x64*Version: 23 -> 24*'
    }

    It 'gives all that has changed since a time, unless it is told how many' {
        $script:answer = '[]'
        $since = [datetime]::new(2024, 1, 2, 0, 0, 0, [System.DateTimeKind]::Utc)
        $null = Get-KanadeInventory -ComputerName PC1 -History -Since $since
        $null = Get-KanadeInventory -ComputerName PC1 -History -Since $since -First 3
        $asked[0].Query.since | Should -Be '2024-01-02T00:00:00.000Z'
        $asked.First | Should -Be ([int]::MaxValue), 3
    }
}

Describe 'Completion of sections and fields' {
    BeforeEach {
        $env:KANADE_SERVER = 'http://127.0.0.1:1'
        $env:KANADE_TOKEN = 't'
        InModuleScope -ModuleName Kanade -ScriptBlock { $script:KanadeFleetSections = $null }
        $script:times = 0
        $script:failing = $false
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $script:times++
            if ($script:failing) { return Refusal 'unreachable' }
            Json $sections
        }

        function Complete([string] $Line) {
            @((TabExpansion2 -inputScript $Line -cursorColumn $Line.Length).CompletionMatches | ForEach-Object -Process { $_.CompletionText })
        }
    }

    AfterAll {
        $env:KANADE_SERVER = ''
        $env:KANADE_TOKEN = ''
    }

    It 'knows the sections of the fleet, and asks once for a while' {
        Complete 'Find-KanadeInventory -Section disk' | Should -Be 'disk_wear', 'disks'
        Complete 'Get-KanadeInventory -ComputerName PC1 -Section soft' | Should -Be 'software'
        $times | Should -Be 1
    }

    It 'knows the fields of the section, and leaves the quote open for the value' {
        Complete 'Find-KanadeInventory software -Filter In' | Should -Be "'InstallDate"
        Complete "Find-KanadeInventory software -Filter 'In" | Should -Be "'InstallDate"
        Complete "Find-KanadeInventory -Section software -Filter 'Name=x', v" | Should -Be "'Version"
        Complete "Find-KanadeInventory -Section software -Without 'os.bu" | Should -Be "'os.Build"
    }

    It 'keeps still when there is no answer, and does not ask again at once' {
        $script:failing = $true
        $Error.Clear()
        Complete 'Find-KanadeInventory -Section disk' | Should -Be 'disks'
        Complete 'Find-KanadeInventory -Section disk' | Should -Be 'disks'
        $times | Should -Be 1
        $Error.Count | Should -Be 0
        $env:KANADE_TOKEN = ''
        Complete 'Find-KanadeInventory -Section softw' | Should -Be 'software'
        $times | Should -Be 1
    }
}

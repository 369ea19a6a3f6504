BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force

    function Software([string] $Pc, [string] $Name) {
        [pscustomobject] @{ PSTypeName = 'Kanade.Inventory.Software'; ComputerName = $Pc; Name = $Name; Version = '24.8' }
    }

    # HTML of our own making is well-formed XML but for its first line.
    function Page([string] $Path) {
        [xml] ([System.IO.File]::ReadAllText($Path) -replace '^<!DOCTYPE html>')
    }

    function Table([string] $Path, [string] $Caption) {
        $table = (Page $Path).SelectNodes('//table') | Where-Object -FilterScript { $_.SelectSingleNode('caption/h2').InnerText -eq $Caption }
        foreach ($row in $table.SelectNodes('tbody/tr')) { @($row.ChildNodes | ForEach-Object -Process { $_.InnerText }) -join '|' }
    }

    function Json([string] $Text) {
        InModuleScope -ModuleName Kanade -Parameters @{ Text = $Text } -ScriptBlock { param($Text) ConvertFrom-KanadeJson -Text $Text }
    }

    # What a PC can say of itself, and what its admin must not be hurt by.
    $nasty = '<script>alert(1)</script> & "a" ''b''' + [char] 0 + [char] 0x2028 + [char] 0xE9
    $all = [pscustomobject] @{
        PSTypeName   = 'Kanade.Inventory.Software'
        ComputerName = 'PC1'
        Name         = $nasty
        Number       = -5
        Ratio        = 0.5
        On           = $true
        At           = [datetime]::new(2024, 1, 2, 3, 4, 5, [System.DateTimeKind]::Local)
        List         = @('a', 'b')
        None         = $null
        Nested       = [pscustomobject] @{ A = @(1); B = $null }
    }
}

Describe 'Export-KanadeReport of what comes down the pipeline' {
    BeforeEach {
        $html = Join-Path $TestDrive "$([guid]::NewGuid()).html"
        $csv = [System.IO.Path]::ChangeExtension($html, '.csv')
        $json = [System.IO.Path]::ChangeExtension($html, '.json')
    }

    It 'writes HTML that holds everything itself, and text as text' {
        $all | Export-KanadeReport -Path $html -Title 'A & <b>'
        $text = [System.IO.File]::ReadAllText($html)
        $text | Should -BeLike '<!DOCTYPE html>*'
        $page = Page $html
        $page.html.lang | Should -Be 'en'
        $page.html.body.header.h1 | Should -Be 'A & <b>'
        $page.html.head.title | Should -Be 'A & <b>'
        $text | Should -Not -Match '(?i)\s(?:src|href|style|on\w+)\s*=|https?:|@import|url\('
        $page.SelectNodes('//table').Count | Should -Be 1
        @($page.SelectNodes('//thead//th[@scope="col"]') | ForEach-Object -Process { $_.InnerText }) | Should -Be 'ComputerName', 'Name', 'Number', 'Ratio', 'On', 'At', 'List', 'None', 'Nested'
        $page.SelectSingleNode('//tbody//th[@scope="row"]').InnerText | Should -Be 'PC1'
        Table $html 'Software' | Should -Be ('PC1|<script>alert(1)</script> & "a" ''b''' + [char] 0xFFFD + [char] 0x2028 + [char] 0xE9 + '|-5|0.5|True|2024-01-02 03:04:05|a, b||{"A":[1],"B":null}')
    }

    It 'lets a browser run its own script and style and nothing else' {
        $all | Export-KanadeReport -Path $html
        $page = Page $html
        $policy = $page.SelectSingleNode('//meta[@http-equiv="Content-Security-Policy"]').content
        $policy | Should -BeLike "default-src 'none'; *"
        foreach ($element in 'style', 'script') {
            $sha = [System.Security.Cryptography.SHA256]::Create()
            $hash = [System.Convert]::ToBase64String($sha.ComputeHash([System.Text.Encoding]::UTF8.GetBytes($page.SelectSingleNode("//$element").InnerText)))
            $policy | Should -BeLike "*$element-src 'sha256-$hash';*"
        }
    }

    It 'writes CSV that Excel reads as it is, and takes nothing of for a formula' {
        $formulas = '=1+1', '+1', '-1', '@x', "`t=1", "`r=1", "$([char] 0xFF1D)1"
        $all, (Software 'PC2' 'plain, "text"') | Export-KanadeReport -Path $csv -WarningAction SilentlyContinue
        ([System.IO.File]::ReadAllBytes($csv)[0..2] -join ' ') | Should -Be '239 187 191'
        $rows = @(Import-Csv -LiteralPath $csv -Encoding UTF8)
        $rows[0].Name | Should -Be $nasty
        $rows[0].Number, $rows[0].Ratio, $rows[0].At, $rows[0].List, $rows[0].None | Should -Be '-5', '0.5', '2024-01-02 03:04:05', 'a, b', ''
        $rows[1].Name | Should -Be 'plain, "text"'
        $formulas | ForEach-Object -Process { [pscustomobject] @{ '=Column' = $_ } } | Export-KanadeReport -Path $csv -Force -Delimiter ';'
        $back = @(Import-Csv -LiteralPath $csv -Encoding UTF8 -Delimiter ';')
        $back[0].PSObject.Properties.Name | Should -Be "'=Column"
        # What stands after a tab or the end of a line is a cell of its own where lines are split there.
        $back.ForEach({ $_."'=Column" }) | Should -Be "'=1+1", "'+1", "'-1", "'@x", "'`t'=1", "'`r'=1", "'$([char] 0xFF1D)1"
    }

    It 'takes nothing for a formula that stands behind blanks, or behind a delimiter of another locale' {
        InModuleScope -ModuleName Kanade -ScriptBlock {
            $vertical = [string] [char] 0x0B
            $expected = [ordered] @{ ' =1' = "' =1"; "$vertical=1" = "'$vertical=1"; 'a;=1' = "a;'=1"; 'a; "=1' = "a;' ""=1"; "a`n+1" = "a`n'+1"; 'a, -1' = 'a, -1'; 'a; b=1' = 'a; b=1'; 'a-b' = 'a-b' }
            foreach ($text in $expected.Keys) {
                ConvertTo-KanadeCsvLine -Row (, @($text)) -Delimiter ',' | Should -BeExactly ('"' + $expected[$text].Replace('"', '""') + '"')
            }
            ConvertTo-KanadeCsvLine -Row (, @('a,=1')) -Delimiter ';' | Should -BeExactly '"a,''=1"'
            ConvertTo-KanadeCsvLine -Row (, @(-1, $null)) -Delimiter ',' | Should -BeExactly '"-1",""'
        }
    }

    It 'shows the overview of a fleet where a PC reports a system without its fields' {
        InModuleScope -ModuleName Kanade -ScriptBlock {
            $agent = [pscustomobject] @{ ComputerName = 'PC1'; Online = $true; LastSeen = $null; OS = 'x'; Version = '1'; InventoryAt = $null }
            $overview = ConvertTo-KanadeOverview -Agent $agent -Os ([pscustomobject] @{ ComputerName = 'PC1'; Version = '10.0' }) -Reboot @() -NoReboot @() -Volume @() -EnoughSpace @() -Fault @() -Now ([datetime]::new(2026, 1, 1))
            $overview['PCs'].OS | Should -BeNullOrEmpty
            $overview['PCs'].OSVersion | Should -Be '10.0'
        }
    }

    It 'writes JSON with types, and times in UTC' {
        $all, (Software 'PC2' 'x') | Export-KanadeReport -Path $json
        $back = Json ([System.IO.File]::ReadAllText($json))
        $back.Count | Should -Be 2
        $back[0].Name | Should -Be $nasty
        $back[0].Number + 1 | Should -Be -4
        $back[0].On | Should -BeTrue
        $back[0].At | Should -Be $all.At.ToUniversalTime().ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'")
        $back[0].List | Should -Be 'a', 'b'
        , $back[0].Nested.A | Should -BeOfType ([array])
        $back[1].PSObject.Properties.Name | Should -Be 'ComputerName', 'Name', 'Version'
        1 | Export-KanadeReport -Path $json -Force
        (Json ([System.IO.File]::ReadAllText($json))).Value | Should -Be 1
    }

    It 'makes a table of each type in HTML' {
        $os = [pscustomobject] @{ PSTypeName = 'Kanade.Inventory.PendingReboot'; ComputerName = 'PC1'; Required = $true }
        (Software 'PC1' 'a'), (Software 'PC2' 'b'), $os, 'text' | Export-KanadeReport -Path $html
        Table $html 'Software' | Should -Be 'PC1|a|24.8', 'PC2|b|24.8'
        Table $html 'Pending Reboot' | Should -Be 'PC1|True'
        Table $html 'Objects' | Should -Be 'text'
    }

    It 'takes the properties it is told, and says which it has left out' {
        $all | Export-KanadeReport -Path $csv -Property Number, ComputerName -WarningVariable warned
        [System.IO.File]::ReadAllLines($csv) | Should -Be '"Number","ComputerName"', '"-5","PC1"'
        $warned | Should -BeNullOrEmpty
        (Software 'PC1' 'a'), $all | Export-KanadeReport -Path $csv -Force -WarningVariable warned -WarningAction SilentlyContinue
        "$warned" | Should -BeLike '*At, List, Nested, None, Number, On, Ratio*-Property*'
    }

    It 'says that there was nothing when nothing comes' {
        $none = @()
        $none | Export-KanadeReport -Path $html
        (Page $html).html.body.main.p | Should -Be 'Nothing was found.'
        $none | Export-KanadeReport -Path $json
        [System.IO.File]::ReadAllText($json) | Should -Be "[]`n"
        $none | Export-KanadeReport -Path $csv
        [System.IO.File]::Exists($csv) | Should -BeTrue
    }

    It 'replaces a file only when told so, and whole' {
        Set-Content -LiteralPath $csv -Value 'old'
        { $all | Export-KanadeReport -Path $csv } | Should -Throw -ErrorId 'Kanade.file_exists,Export-KanadeReport'
        { & { $all; throw 'oh no' } | Export-KanadeReport -Path $csv -Force } | Should -Throw 'oh no'
        Get-Content -LiteralPath $csv | Should -Be 'old'
        ($all | Export-KanadeReport -Path $csv -Force -PassThru).FullName | Should -Be $csv
        Get-Content -LiteralPath $csv | Should -Not -Contain 'old'
        Get-ChildItem -Path "$csv.*.tmp" | Should -BeNullOrEmpty
    }

    It 'leaves nothing behind when the pipeline breaks off' {
        $module = Join-Path $PSScriptRoot '../../../Kanade.psd1'
        $before = @(Get-ChildItem -Path (Join-Path ([System.IO.Path]::GetTempPath()) 'kanade-report-*')).Name
        $script = "Import-Module '$module'; & { 1..2000; throw 'oh no' } | Export-KanadeReport -Path '$csv'"
        $said = & (Get-Process -Id $PID).Path -NoProfile -Command $script 2>&1
        "$said" | Should -BeLike '*oh no*'
        [System.IO.File]::Exists($csv) | Should -BeFalse
        @(Get-ChildItem -Path (Join-Path ([System.IO.Path]::GetTempPath()) 'kanade-report-*')).Name | Where-Object -FilterScript { $_ -notin $before } | Should -BeNullOrEmpty
    }

    It 'writes nothing with -WhatIf' {
        $all | Export-KanadeReport -Path $csv -WhatIf
        [System.IO.File]::Exists($csv) | Should -BeFalse
    }

    It 'tells each thing that is wrong by its id, before anything is read' {
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith { throw 'asked' }
        { Export-KanadeReport -Path (Join-Path $TestDrive 'a.txt') } | Should -Throw -ErrorId 'Kanade.unknown_format,Export-KanadeReport'
        { Export-KanadeReport -Path (Join-Path $TestDrive 'no/such/a.csv') } | Should -Throw -ErrorId 'Kanade.folder_not_found,Export-KanadeReport'
        { Export-KanadeReport -Path $TestDrive -Format Csv } | Should -Throw -ErrorId 'Kanade.invalid_path,Export-KanadeReport'
        { Export-KanadeReport -Path 'Env:/a.csv' } | Should -Throw -ErrorId 'Kanade.invalid_path,Export-KanadeReport'
        { Export-KanadeReport -Path $csv -Section os, cpu } | Should -Throw -ErrorId 'Kanade.one_section,Export-KanadeReport'
        $null = $all | Export-KanadeReport -Path (Join-Path $TestDrive 'b.txt') -Format Json
        Json ([System.IO.File]::ReadAllText((Join-Path $TestDrive 'b.txt'))) | Should -Not -BeNullOrEmpty
    }

    It 'writes many rows, in order' {
        1..1234 | ForEach-Object -Process { Software "PC$_" 'x' } | Export-KanadeReport -Path $csv
        $lines = [System.IO.File]::ReadAllLines($csv)
        $lines.Count | Should -Be 1235
        $lines[1234] | Should -Be '"PC1234","x","24.8"'
        1..1234 | ForEach-Object -Process { Software "PC$_" 'x' } | Export-KanadeReport -Path $json
        (Json ([System.IO.File]::ReadAllText($json)))[1233].ComputerName | Should -Be 'PC1234'
    }
}

Describe 'Export-KanadeReport of the fleet' {
    BeforeAll {
        $env:KANADE_SERVER = 'http://127.0.0.1:1'
        $env:KANADE_TOKEN = 't'
    }

    BeforeEach {
        InModuleScope -ModuleName Kanade -ScriptBlock { $script:KanadeFleetSections = $null }
        $file = Join-Path $TestDrive "$([guid]::NewGuid())"
        $script:asked = [System.Collections.ArrayList]::new()
        $now = [datetime]::new(2024, 3, 1, 12, 0, 0, [System.DateTimeKind]::Utc).ToLocalTime()
        Mock -ModuleName Kanade -CommandName Get-Date -MockWith { $now }
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Path = $Path; Query = $Query; Condition = $Condition })
            Json $(switch ($Path) {
                    '/inventory/sections' { '{"items":[{"section":"software","custom":false,"pcs":2,"fields":["arch","name","version"]},{"section":"os","custom":false,"pcs":2,"fields":["name","version"]}],"next":null}' }
                    '/inventory/software' { '[{"pc_id":"PC1","row":{"name":"7-Zip"}},{"pc_id":"PC2","row":{"name":"Zoom","version":"5"}}]' }
                    '/inventory/os' { '[{"pc_id":"PC1","row":{"name":"Windows 11 Pro","version":"10.0.22631.1","display_version":"23H2"}},{"pc_id":"PC2","row":{"name":"Windows 11 Pro","version":"10.0.22631.1","display_version":"23H2"}}]' }
                    '/inventory/pending_reboot' { '[{"pc_id":"PC2","row":{"required":true,"reasons":["windows_update","file_rename"]}}]' }
                    '/inventory/volumes' { '[{"pc_id":"PC2","row":{"name":"C:","label":"","size_bytes":100,"free_gb":1,"free_percent":1}},{"pc_id":"PC2","row":{"name":"D:","free_percent":2}}]' }
                    '/inventory/search' { if ("$Condition" -like '*reboot*') { '[{"pc_id":"PC1","online":true,"matches":[]}]' } else { '[]' } }
                    '/inventory-faults' { '[{"pc_id":"PC1","section":"tpm","checked_at":"2024-01-02T03:04:05Z","faults":[{"source":"Win32_Tpm","code":"access_denied","message":"no"},{"source":"x","code":"not_supported","message":"none"}]}]' }
                    '/agents' {
                        $more = '"enrolled_at":"2023-01-01T00:00:00Z","retired_at":null,"last_heartbeat":null,"tz":"UTC","groups":[],"pending":0,"running":[],"logged_on_user":null,"pending_reboot":null,"defender":null,"problems":[],"conflict":false,"identity":"active","public_key":null,"hardware":null,"renewed_at":null,"ephemeral_days":null,"renamed_to":null,"token_id":null'
                        '[{"pc_id":"PC1","hostname":"pc1","online":true,"last_seen":"2024-03-01T11:59:00Z","version":"0.1.0","os":"Windows_NT 10.0.22631","inventory_at":"2024-03-01T02:00:00Z",' + $more + '},' +
                        '{"pc_id":"PC2","hostname":"pc2","online":false,"last_seen":"2024-02-20T11:59:00Z","version":"0.1.0","os":"Windows_NT 10.0.22631","inventory_at":"2024-02-20T02:00:00Z",' + $more + '},' +
                        '{"pc_id":"PC3","hostname":"pc3","online":false,"last_seen":"2024-01-01T11:59:00Z","version":"0.0.9","os":null,"inventory_at":null,' + $more + '}]'
                    }
                    default { throw "unexpected $Path" }
                })
        }
    }

    AfterAll {
        $env:KANADE_SERVER = ''
        $env:KANADE_TOKEN = ''
    }

    It 'shows in an overview what an admin has to look at' {
        Export-KanadeReport -Path "$file.html" -Group Lab
        foreach ($call in $asked) { $call.Query.group | Should -Be 'Lab' }
        (Page "$file.html").html.body.header.h1 | Should -Be 'Kanade: overview of group Lab'
        Table "$file.html" 'Figures' | Should -Be 'All|3', 'Online|1', 'Off|2', 'Not seen for 30 days|1', 'Waiting for a restart|1', 'Waiting for a restart: unknown|1', 'Short of space|1', 'Short of space: unknown|2', 'With something that could not be read|1', 'Without inventory|1'
        Table "$file.html" 'Systems' | Should -Be 'Windows 11 Pro|23H2|2|1', '||1|0'
        Table "$file.html" 'Agents' | Should -Be '0.1.0|2', '0.0.9|1'
        Table "$file.html" 'Inventory Age' | Should -Be 'a day|1', 'a week|0', 'a month|1', 'more|0', 'none yet|1'
        Table "$file.html" 'Pending Reboots' | Should -Be 'PC2|windows_update, file_rename'
        @(Table "$file.html" 'Low Volumes')[0] | Should -Be 'PC2|C:||100|1|1'
        @(Table "$file.html" 'Faults').Count | Should -Be 1
        @(Table "$file.html" 'PCs').Count | Should -Be 3
        ($asked | Where-Object -FilterScript { $_.Path -eq '/inventory/volumes' }).Condition | Should -Be 'volumes.free_percent<10'
        ($asked | Where-Object -FilterScript { $_.Path -eq '/inventory/pending_reboot' }).Condition | Should -Be 'pending_reboot.required=true'
        ($asked | Where-Object -FilterScript { $_.Path -eq '/inventory/search' }).Condition | Sort-Object | Should -Be '!volumes.free_percent<10', 'pending_reboot.required=false'
    }

    It 'has each table by its name in JSON, and a row for each PC in CSV' {
        Export-KanadeReport -Path "$file.json"
        $back = Json ([System.IO.File]::ReadAllText("$file.json"))
        $back.PSObject.Properties.Name | Should -Be 'Title', 'MadeAt', 'Figures', 'Systems', 'Agents', 'InventoryAge', 'PendingReboots', 'LowVolumes', 'Faults', 'PCs'
        $back.MadeAt | Should -Be '2024-03-01T12:00:00.000Z'
        $back.PendingReboots[0].Reasons | Should -Be 'windows_update', 'file_rename'
        $back.PCs[1].LowVolumes | Should -Be 2
        Export-KanadeReport -Path "$file.csv"
        $rows = @(Import-Csv -LiteralPath "$file.csv" -Encoding UTF8)
        $rows.ComputerName | Should -Be 'PC1', 'PC2', 'PC3'
        $rows[1].RebootRequired, $rows[1].OS | Should -Be 'True', 'Windows 11 Pro'
        $rows.RebootRequired | Should -Be 'False', 'True', ''
        $rows.LowVolumes | Should -Be '', '2', ''
        $rows.Faults | Should -Be '1', '0', ''
    }

    It 'lists sections of all PCs, with every field that any of them has' {
        Export-KanadeReport -Path "$file.csv" -Section software
        [System.IO.File]::ReadAllLines("$file.csv") | Should -Be '"ComputerName","Name","Arch","Version"', '"PC1","7-Zip","",""', '"PC2","Zoom","","5"'
        Export-KanadeReport -Path "$file.html" -Section Software, os
        Table "$file.html" 'Software' | Should -Be 'PC1|7-Zip||', 'PC2|Zoom||5'
        @(Table "$file.html" 'Os').Count | Should -Be 2
        Export-KanadeReport -Path "$file.json" -Section software, os
        (Json ([System.IO.File]::ReadAllText("$file.json"))).Software.Name | Should -Be '7-Zip', 'Zoom'
        { Export-KanadeReport -Path "$file.2.csv" -Section sofware } | Should -Throw -ErrorId 'Kanade.unknown_section,Export-KanadeReport'
        [System.IO.File]::Exists("$file.2.csv") | Should -BeFalse
    }

    It 'asks nothing with -WhatIf' {
        Export-KanadeReport -Path "$file.html" -WhatIf
        $asked.Count | Should -Be 0
    }
}

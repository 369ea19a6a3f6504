# Against a backend with an agent named PC1 that is online and collects with this module, and one named PC2 that is enrolled and off;
# both of this machine. KANADE_SERVER and KANADE_TOKEN say where. What is made here is gone at the end: the tests run again under
# another Pester.
BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Wait.ps1')
    $PSDefaultParameterValues = @{ 'Invoke-KanadeExec:Shell' = 'pwsh'; 'Remove-Kanade*:Confirm' = $false }
}

Describe 'The inventory of the fleet' -Tag 'Integration' {
    BeforeAll {
        $local = Get-KanadeInventory -Section os, software
        $program = $local[1].Data[0]
    }

    It 'comes from a PC when it is asked for, in the form it has there' {
        $os, $software = Get-KanadeInventory -ComputerName pc1.example.com -Section os, software -Refresh
        $os.ComputerName, $os.Section, $software.Section | Should -Be 'PC1', 'os', 'software'
        $os.CheckedAt | Should -BeGreaterThan (Get-Date).AddHours(-1)
        $os.PSObject.Properties.Name | Should -Be $local[0].PSObject.Properties.Name
        $os.Data.PSObject.TypeNames[0] | Should -Be $local[0].Data.PSObject.TypeNames[0]
        $os.Data.PSObject.Properties.Name | Sort-Object | Should -Be ($local[0].Data.PSObject.Properties.Name | Sort-Object)
        foreach ($name in $os.Data.PSObject.Properties.Name -ne 'ComputerName') { $os.Data.$name | Should -Be $local[0].Data.$name -Because "of $name" }
        $software.Data.Count | Should -Be $local[1].Data.Count
        $software.Data[0].Name | Should -Be $program.Name
        $rows = Get-KanadeInventory -ComputerName PC1 -Section software -Expand
        $rows.Count | Should -Be $software.Data.Count
        $rows[0].ComputerName, $rows[0].Version | Should -Be 'PC1', $program.Version
    }

    It 'is found by what it says, and goes down the pipeline' {
        $found = Find-KanadeInventory software "Name=$($program.Name)", "Version=$($program.Version)"
        $found.ComputerName | Should -Be 'PC1'
        $found.PSObject.TypeNames[0] | Should -Be 'Kanade.Inventory.Software'
        Find-KanadeInventory -Section os -Filter "Name=$($local[0].Data.Name)" -Online:$false | Should -BeNullOrEmpty
        @(Find-KanadeInventory software -First 7).Count | Should -Be 7
        @(Find-KanadeInventory software).Count | Should -Be $local[1].Data.Count
        $result = Find-KanadeInventory os "Name=$($local[0].Data.Name)", "software.Name=$($program.Name)" | Invoke-KanadeExec -ScriptBlock { 'found' } -Wait
        $result.ComputerName, $result.Stdout | Should -Be 'PC1', "found`n"
    }

    It 'is found by what it does not say, where that is known' {
        # PC2 has never been read.
        $without = Find-KanadeInventory software -Without 'Name=There is no such program'
        $without.ComputerName | Should -Be 'PC1'
        $without.Online | Should -BeTrue
        Find-KanadeInventory software -Without "Name=$($program.Name)" | Should -BeNullOrEmpty
    }

    It 'is compared as numbers, versions and times' {
        $booted = $local[0].Data.BootedAt
        (Find-KanadeInventory os "BootedAt<$($booted.AddHours(1))", "BootedAt>$($booted.AddHours(-1))").ComputerName | Should -Be 'PC1'
        Find-KanadeInventory os "BootedAt>$($booted.AddHours(1))" | Should -BeNullOrEmpty
        { Find-KanadeInventory os 'BootedAt>yesterday' } | Should -Throw -ErrorId 'Kanade.condition_type,Find-KanadeInventory' -ExpectedMessage '*os.booted_at*a time*yesterday*'
        $memory = (Get-KanadeInventory -Section system).Data.MemoryBytes
        $null = Get-KanadeInventory -ComputerName PC1 -Section system -Refresh
        (Find-KanadeInventory system "MemoryBytes>=$memory").ComputerName | Should -Be 'PC1'
        Find-KanadeInventory system "MemoryBytes>$memory" | Should -BeNullOrEmpty
    }

    It 'is asked of a PC that is off, which is an error of its own' {
        Get-KanadeInventory -ComputerName PC2 -Refresh -ErrorVariable wrong -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.agent_unreachable,Get-KanadeInventory'
        Get-KanadeInventory -ComputerName PC2 | Should -BeNullOrEmpty
        { Get-KanadeInventory -ComputerName PC9 -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Get-KanadeInventory'
    }

    It 'refuses what no PC has, by name' {
        { Find-KanadeInventory softwares } | Should -Throw -ErrorId 'Kanade.unknown_section,Find-KanadeInventory'
        { Find-KanadeInventory software -Without 'Titel=x' } | Should -Throw -ErrorId 'Kanade.unknown_field,Find-KanadeInventory' -ExpectedMessage '*Publisher*'
        { Find-KanadeInventory software 'Name' } | Should -Throw -ErrorId 'Kanade.invalid_filter,Find-KanadeInventory'
    }
}

Describe 'A section of a job' -Tag 'Integration' {
    BeforeAll {
        $file = Join-Path $TestDrive 'wear.json'
        # A job that was deleted stays revoked.
        $id = "pester-$([guid]::NewGuid().ToString('N'))"
        $job = @{
            id = $id; version = '1'; inventory_section = 'pester_disk_wear'
            execute = @{ shell = 'pwsh'; timeout = '1m'; script = 'param([string] $Path) Get-Content -LiteralPath $Path -Raw' }
        }
        Set-KanadeJob -InputObject $job
        function Publish([string] $Json) {
            Set-Content -LiteralPath $file -Value $Json
            (Invoke-KanadeExec -ComputerName PC1 -JobId $id -Parameter @{ Path = $file } -Wait).State | Should -Be 'succeeded'
        }
    }

    AfterAll {
        Remove-KanadeJob -JobId $id
    }

    It 'is like the others, and what changed of it is kept' {
        $stamp = [guid]::NewGuid().ToString('N')
        Publish ('[{"Id":0,"Model":"' + $stamp + '","PercentUsed":3,"ComputerName":"PC2"},{"Id":1,"Model":"b","PercentUsed":95,"ComputerName":"PC2"}]')
        Wait-For { Get-KanadeInventory -ComputerName PC1 -Section pester_disk_wear -Expand -ErrorAction SilentlyContinue | Where-Object -Property Model -EQ $stamp }
        $section = Get-KanadeInventory -ComputerName PC1 -Section pester_disk_wear
        $section.JobId | Should -Be $id
        $section.Data[0].PSObject.TypeNames[0] | Should -Be 'Kanade.Inventory.Row'
        $worn = Find-KanadeInventory PesterDiskWear 'PercentUsed>90'
        $worn.ComputerName, $worn.Id, $worn.ReportedComputerName | Should -Be 'PC1', 1, 'PC2'
        Publish ('[{"Id":0,"Model":"' + $stamp + '","PercentUsed":4,"ComputerName":"PC2"}]')
        Wait-For { (Get-KanadeInventory -ComputerName PC1 -Section pester_disk_wear).Data.Count -eq 1 }
        $changes = Get-KanadeInventory -ComputerName PC1 -Section pester_disk_wear -History -First 2
        ($changes | Sort-Object -Property Change).Change | Should -Be 'changed', 'removed'
        $changed = $changes | Where-Object -Property Change -EQ 'changed'
        $changed.Key.Id, $changed.Before.PercentUsed, $changed.After.PercentUsed | Should -Be 0, 3, 4
        $changed.ComputerName | Should -Be 'PC1'
        ($changes | Where-Object -Property Change -EQ 'removed').Before.Model | Should -Be 'b'
    }

    It 'that is no JSON says so, and leaves what was there' {
        Publish 'this is no JSON'
        Wait-For { (Get-KanadeInventory -ComputerName PC1 -Section pester_disk_wear).Faults.Code -eq 'not_json' }
        (Get-KanadeInventory -ComputerName PC1 -Section pester_disk_wear).Data.Count | Should -Be 1
    }
}

Describe 'A group that asks the inventory' -Tag 'Integration' {
    BeforeAll {
        $name = (Get-KanadeInventory -Section os).Data.Name
        $null = Get-KanadeInventory -ComputerName PC1 -Section os -Refresh
    }

    AfterAll {
        Get-KanadeGroup | Where-Object -Property Group -Like 'Pester*' | Remove-KanadeGroup
    }

    It 'has the PCs that its conditions find, and is a target' {
        $group = Set-KanadeGroup PesterSystem "OS.Name=$name" -Description 'like this one' -PassThru
        $group.Group, $group.Kind, $group.Query, $group.Description | Should -Be 'PesterSystem', 'dynamic', "os.name=$name", 'like this one'
        Wait-For { (Get-KanadeGroup -Group pestersystem).Members -eq 1 }
        (Get-KanadeGroupMember -Group PesterSystem).ComputerName | Should -Be 'PC1'
        (Find-KanadeInventory os -Group PesterSystem).ComputerName | Should -Be 'PC1'
        $result = Invoke-KanadeExec -Group PesterSystem -ScriptBlock { 'of the group' } -Wait
        $result.ComputerName, $result.Stdout | Should -Be 'PC1', "of the group`n"
        Get-KanadeGroup -Group PesterSystem | Set-KanadeGroup -Query "!os.name=$name"
        Wait-For { (Get-KanadeGroup -Group PesterSystem).Members -eq 0 }
        (Set-KanadeGroup PesterSystem "os.name=$name" -PassThru).Description | Should -Be 'like this one'
        Remove-KanadeGroup PesterSystem
        { Get-KanadeGroup -Group PesterSystem -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Get-KanadeGroup'
    }

    It 'is refused where PCs were put into it' {
        Add-KanadeGroupMember -Group PesterStatic -ComputerName PC2
        { Set-KanadeGroup PesterStatic "os.name=$name" -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.group_kind,Set-KanadeGroup'
        { Remove-KanadeGroup PesterStatic -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.group_kind,Remove-KanadeGroup'
        Remove-KanadeGroupMember -Group PesterStatic -ComputerName PC2
        { Remove-KanadeGroup PesterStatic -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_found,Remove-KanadeGroup'
    }
}

Describe 'A report of the fleet' -Tag 'Integration' {
    It 'shows every PC, in every format' {
        $file = Join-Path $TestDrive 'fleet'
        foreach ($format in 'html', 'csv', 'json') { Export-KanadeReport -Path "$file.$format" }
        $page = [xml] ([System.IO.File]::ReadAllText("$file.html") -replace '^<!DOCTYPE html>')
        $pcs = $page.SelectNodes('//table') | Where-Object -FilterScript { $_.SelectSingleNode('caption/h2').InnerText -eq 'PCs' }
        @($pcs.SelectNodes('tbody/tr/th') | ForEach-Object -Process { $_.InnerText }) | Should -Be 'PC1', 'PC2'
        $rows = @(Import-Csv -LiteralPath "$file.csv" -Encoding UTF8)
        $rows.ComputerName | Should -Be 'PC1', 'PC2'
        $rows.Online | Should -Be 'True', 'False'
        $rows[0].OS | Should -Be (Get-KanadeInventory -Section os).Data.Name
        $json = ConvertFrom-Json -InputObject ([System.IO.File]::ReadAllText("$file.json"))
        $json.PCs.ComputerName | Should -Be 'PC1', 'PC2'
        Export-KanadeReport -Path "$file.software.csv" -Section software
        @(Import-Csv -LiteralPath "$file.software.csv" -Encoding UTF8).Count | Should -Be @(Find-KanadeInventory software).Count
    }
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Private.ps1')
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

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Private.ps1')

    function ConvertTo-Sent($Value) {
        ConvertTo-Json -InputObject @{ v = Invoke-Private -Name ConvertTo-KanadeJsonValue -With @{ Value = $Value; Name = 'it' } } -Compress -Depth 40
    }
}

Describe 'A value on its way to a PC' {
    It '<Name> is <Json>' -ForEach @(
        @{ Name = 'null'; Value = $null; Json = 'null' }
        @{ Name = 'text'; Value = 'a "b" $(c)'; Json = '"a \"b\" $(c)"' }
        @{ Name = 'true'; Value = $true; Json = 'true' }
        @{ Name = 'a switch'; Value = [switch] $true; Json = 'true' }
        @{ Name = 'an int'; Value = 42; Json = '42' }
        @{ Name = 'a long'; Value = 5000000000; Json = '5000000000' }
        @{ Name = 'a fraction'; Value = 1.5; Json = '1.5' }
        @{ Name = 'an empty array'; Value = @(); Json = '[]' }
        @{ Name = 'an array of one'; Value = , 1; Json = '[1]' }
        @{ Name = 'nested arrays'; Value = @(@(1), @('a', @($null, $true))); Json = '[[1],["a",[null,true]]]' }
        @{ Name = 'a hashtable'; Value = @{ a = @(1) }; Json = '{"a":[1]}' }
        @{ Name = 'a custom object'; Value = [pscustomobject] @{ a = 'b' }; Json = '{"a":"b"}' }
        @{ Name = 'an enum'; Value = [System.DayOfWeek]::Monday; Json = '"Monday"' }
        @{ Name = 'a date'; Value = [datetime]::new(2024, 1, 2, 3, 4, 5, [System.DateTimeKind]::Utc); Json = '"2024-01-02T03:04:05.0000000Z"' }
        @{ Name = 'a guid'; Value = [guid] '7f0d1b0e-9c53-4a3e-8e0b-5a1f7f3d2c64'; Json = '"7f0d1b0e-9c53-4a3e-8e0b-5a1f7f3d2c64"' }
    ) {
        ConvertTo-Sent $Value | Should -BeExactly ('{"v":' + $Json + '}')
    }

    It 'is text alone, also when it came from a file with properties of its own' {
        $text = 'line' | Add-Member -NotePropertyName PSPath -NotePropertyValue 'C:\secret' -PassThru
        ConvertTo-Sent $text | Should -BeExactly '{"v":"line"}'
    }

    It 'is refused when it is <Name>' -ForEach @(
        @{ Name = 'a process'; Value = { Get-Process -Id $PID } }
        @{ Name = 'a secret'; Value = { [securestring]::new() } }
        @{ Name = 'a script block'; Value = { { 1 } } }
        @{ Name = 'not a number'; Value = { [double]::NaN } }
        @{ Name = 'a number that JSON cannot hold'; Value = { 9007199254740993 } }
    ) {
        $made = & $Value
        { ConvertTo-Sent $made } | Should -Throw -ErrorId 'Kanade.argument_not_supported*'
    }

    It 'is refused when it holds itself' {
        $loop = @{}
        $loop.self = $loop
        { ConvertTo-Sent $loop } | Should -Throw -ErrorId 'Kanade.argument_not_supported*'
    }
}

Describe 'A time' {
    It '<Value> is <Duration>' -ForEach @(
        @{ Value = '90s'; Duration = '90s' }
        @{ Value = '1h30m'; Duration = '1h30m' }
        @{ Value = 90; Duration = '90s' }
        @{ Value = '90'; Duration = '90s' }
        @{ Value = 0.2; Duration = '1s' }
        @{ Value = '00:05:00'; Duration = '300s' }
        @{ Value = [timespan]::FromMinutes(2); Duration = '120s' }
    ) {
        Invoke-Private -Name ConvertTo-KanadeDuration -With @{ Value = $Value; Name = 'Timeout' } | Should -Be $Duration
    }

    It 'may be typed without quotes, which PowerShell reads as a number' {
        InModuleScope -ModuleName Kanade -ScriptBlock {
            ConvertTo-KanadeDuration -Value 7d -Name Timeout
            ConvertTo-KanadeDuration -Value 90s -Name Timeout
        } | Should -Be '7d', '90s'
    }

    It '<Value> is none' -ForEach @(@{ Value = 'soon' }, @{ Value = -1 }, @{ Value = '5 m' }) {
        { Invoke-Private -Name ConvertTo-KanadeDuration -With @{ Value = $Value; Name = 'Timeout' } } | Should -Throw -ErrorId 'Kanade.invalid_duration*'
    }

    It 'of the API is shown in the zone of this PC' {
        $shown = Invoke-Private -Name ConvertFrom-KanadeInstant -With @{ Value = '2024-01-02T03:04:05.678Z' }
        $shown.Kind | Should -Be 'Local'
        $shown.ToUniversalTime().ToString('o') | Should -Be '2024-01-02T03:04:05.6780000Z'
    }
}

Describe 'The name of a PC' {
    It '<Name> is <Id>' -ForEach @(
        @{ Name = 'pc1'; Id = 'PC1' }
        @{ Name = 'pc1.corp.example.com'; Id = 'PC1' }
        @{ Name = ' PC-2 '; Id = 'PC-2' }
        @{ Name = '@{Foo=1}'; Id = $null }
        @{ Name = 'System.Diagnostics.Process (pwsh)'; Id = $null }
        @{ Name = ''; Id = $null }
    ) {
        Invoke-Private -Name ConvertTo-KanadePcId -With @{ Name = $Name } | Should -Be $Id
    }
}

Describe 'The text of a script block' {
    BeforeAll {
        function Get-Text([scriptblock] $Block) {
            Invoke-Private -Name Get-KanadeScriptText -With @{ ScriptBlock = $Block; SessionState = $ExecutionContext.SessionState }
        }
    }

    It 'is what stands between the braces' {
        (Get-Text { hostname }).Text | Should -Be ' hostname '
        (Get-Text ([scriptblock]::Create('{ 1 }'))).Text | Should -Be '{ 1 }'
    }

    It 'takes a variable along as a parameter, on the same line' {
        $greeting = 'it''s "quoted" $(Get-Date)'
        $sent = Get-Text { "Hello $using:greeting:" ; $using:greeting }
        $sent.Text | Should -Be 'param($KanadeUsing_greeting) "Hello ${KanadeUsing_greeting}:" ; ${KanadeUsing_greeting} '
        $sent.Values['KanadeUsing_greeting'] | Should -BeExactly $greeting
    }

    It 'adds to the parameters that are there' {
        $x = 1
        (Get-Text { param($a, [int] $b = 2) $a + $using:x }).Text | Should -Be ' param($a, [int] $b = 2, $KanadeUsing_x) $a + ${KanadeUsing_x} '
        (Get-Text { param() $using:x }).Text | Should -Be ' param($KanadeUsing_x) ${KanadeUsing_x} '
    }

    It 'does what it would have done here' {
        $x = @{ Name = 'n'; List = @(1, 2) }
        $splat = @{ Object = 'o' }
        $sent = Get-Text { $using:x.Name; ($using:x).List | ForEach-Object { $_ + $using:x.List.Count }; (Write-Output @using:splat -ErrorAction SilentlyContinue) }
        $values = $sent.Values
        $values.Remove('KanadeUsing_splat')
        & ([scriptblock]::Create($sent.Text.Replace('(Write-Output @KanadeUsing_splat -ErrorAction SilentlyContinue)', ''))) @values | Should -Be 'n', 3, 4
    }

    It 'leaves alone what a command there takes elsewhere' {
        $sent = Get-Text { Invoke-Command -ScriptBlock { $using:there }; 1 | ForEach-Object -Parallel { $using:there } }
        $sent.Text | Should -Not -Match 'KanadeUsing'
        $sent.Values.Count | Should -Be 0
    }

    It 'is refused when a variable is not there, or cannot travel' {
        { Get-Text { $using:noSuchVariable } } | Should -Throw -ErrorId 'Kanade.using_not_found*'
        { Get-Text { $using:env:PATH } } | Should -Throw -ErrorId 'Kanade.using_not_supported*'
        $process = Get-Process -Id $PID
        { Get-Text { $using:process } } | Should -Throw -ErrorId 'Kanade.argument_not_supported*'
        $process | Should -Not -BeNullOrEmpty
    }
}

Describe 'A script file' {
    BeforeAll {
        $umlaut = [string] [char] 0xFC
        function Read-It([byte[]] $Bytes) {
            $path = Join-Path $TestDrive 'script.ps1'
            [System.IO.File]::WriteAllBytes($path, $Bytes)
            Invoke-Private -Name Read-KanadeTextFile -With @{ LiteralPath = $path; WarningVariable = 'warned'; WarningAction = 'SilentlyContinue' }
        }
    }

    It 'in UTF-8 keeps its byte order mark, which a signature covers' {
        Read-It ([System.Text.Encoding]::UTF8.GetBytes("'$umlaut'")) | Should -BeExactly "'$umlaut'"
        Read-It ([byte[]] (0xEF, 0xBB, 0xBF) + [System.Text.Encoding]::UTF8.GetBytes("'$umlaut'")) | Should -BeExactly "$([char] 0xFEFF)'$umlaut'"
    }

    It 'in UTF-16 is read as its mark says' {
        Read-It ([byte[]] (0xFF, 0xFE) + [System.Text.Encoding]::Unicode.GetBytes("'$umlaut'")) | Should -BeExactly "'$umlaut'"
        Read-It ([byte[]] (0xFE, 0xFF) + [System.Text.Encoding]::BigEndianUnicode.GetBytes("'$umlaut'")) | Should -BeExactly "'$umlaut'"
    }

    It 'in the ANSI code page is read with a warning' {
        $path = Join-Path $TestDrive 'ansi.ps1'
        [System.IO.File]::WriteAllBytes($path, [byte[]] (0x27, 0xFC, 0x27))
        $all = InModuleScope -ModuleName Kanade -Parameters @{ Path = $path } -ScriptBlock { param($Path) Read-KanadeTextFile -LiteralPath $Path 3>&1 }
        "$($all[0])" | Should -BeLike '*is not UTF-8*'
        $all[1] | Should -BeExactly "'$umlaut'"
    }

    It 'that is empty is empty' {
        Read-It @() | Should -BeExactly ''
    }

    It 'that is signed and no UTF-8 is refused' {
        $signed = "1`r`n# SIG # Begin signature block`r`n"
        { Read-It ([byte[]] (0xFF, 0xFE) + [System.Text.Encoding]::Unicode.GetBytes($signed)) } | Should -Throw -ErrorId 'Kanade.signed_not_utf8*'
        Read-It ([System.Text.Encoding]::UTF8.GetBytes($signed)) | Should -BeExactly $signed
    }
}

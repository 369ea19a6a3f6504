BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Private.ps1')
    Mock -ModuleName Kanade -CommandName Get-KanadeMsiProperty -MockWith {
        @{ ProductName = 'Kanade Agent'; ProductVersion = '1.10.0'; ProductCode = '{A}'; UpgradeCode = '{B}'; PackageCode = '{C}'; Manufacturer = 'Kanade' }
    }
    $msi = Join-Path $TestDrive 'kanade-agent-1.10.0-x64.msi'
    [System.IO.File]::WriteAllText($msi, 'a package')

    # Runs a script on a PC that these definitions make: functions go before cmdlets. Its exit ends the script alone.
    function Run([string] $Path, [string] $Pc, [string] $With = '') {
        $place = Join-Path $TestDrive ([guid]::NewGuid())
        $null = New-Item -ItemType Directory -Path $place
        $before = $env:ProgramData, $env:SystemRoot, $env:ProgramFiles
        $env:ProgramData = $env:SystemRoot = $env:ProgramFiles = $place
        try {
            $all = @(& ([scriptblock]::Create("$Pc; & '$Path' $With")) 2>&1)
            $code = $LASTEXITCODE
        } finally {
            $env:ProgramData, $env:SystemRoot, $env:ProgramFiles = $before
        }
        $faults = @($all | Where-Object -FilterScript { $_ -is [System.Management.Automation.ErrorRecord] })
        @{ Said = @($all | Where-Object -FilterScript { $_ -isnot [System.Management.Automation.ErrorRecord] }); Code = $code; Stderr = "$faults"; Place = $place }
    }

    function Pc([string] $Status = 'Running', [string] $Registry = '1.0.0', [string] $State, [int] $Days = 0, [string] $Machine = 'AMD64', [int] $Minutes = 600, [string[]] $Running = @()) {
        $pc = "function Get-Service { [pscustomobject] @{ Status = '$Status' } }; function Get-ItemProperty { [pscustomobject] @{ Version = '$Registry'; CurrentBuildNumber = '$Registry'; PROCESSOR_ARCHITECTURE = '$Machine' } }"
        if ($State) { $pc += "; `$null = New-Item -ItemType Directory -Path (Join-Path `$env:ProgramData 'Kanade\host'); function Test-Path { `$true }; function Get-Content { 'current $State'; 'previous 0.1.0'; 'trial 0' }" }
        $pc += "; function Get-Item { [pscustomobject] @{ LastWriteTimeUtc = [datetime]::UtcNow.AddDays(-$Days) } }"
        $lines = @('"C:\Program Files\Kanade\Agent\kanade-host.exe" service') + $Running
        $pc += "; function Get-CimInstance { param(`$ClassName, `$Filter) if (`$ClassName -eq 'Win32_Service') { [pscustomobject] @{ ProcessId = 77 } } else { '$($lines -join "','")' | ForEach-Object -Process { [pscustomobject] @{ CommandLine = `$_ } } } }"
        $pc += "; function Get-Process { param(`$Id) if (`$Id -ne 77) { throw 'another' }; [pscustomobject] @{ StartTime = [datetime]::Now.AddMinutes(-$Minutes) } }"
        $pc
    }
    $none = "function Get-Service { throw 'none' }; function Get-ItemProperty { throw 'none' }"
}

Describe 'New-KanadeIntunePackage' {
    BeforeAll {
        $folder = Join-Path $TestDrive 'intune'
        $made = New-KanadeIntunePackage -MsiPath $msi -Path $folder -Server 'https://kanade.example.com:8480' -Token 'ket_a_b' -WarningVariable warned -WarningAction SilentlyContinue
        $scripts = 'Detect', 'DetectTrouble', 'Remediate', 'Require' | ForEach-Object -Process { Join-Path $folder "$_.ps1" }
    }

    It 'writes the package, its scripts, and what to type where' {
        $made.FullName | Should -Be $folder
        (Get-ChildItem -LiteralPath $folder).Name | Sort-Object | Should -Be 'Detect.ps1', 'DetectTrouble.ps1', 'kanade-agent-1.10.0-x64.intunewin', 'README.txt', 'Remediate.ps1', 'Require.ps1'
        $readme = [System.IO.File]::ReadAllText((Join-Path $folder 'README.txt'))
        $readme | Should -BeLike '*msiexec /i "kanade-agent-1.10.0-x64.msi" /qn /norestart /liwemo "%ProgramData%\Microsoft\IntuneManagementExtension\Logs\kanade-agent.log" SERVER_URL=https://kanade.example.com:8480 ENROL_TOKEN=ket_a_b*'
        $readme | Should -BeLike '*msiexec /x {A} /qn*'
        $readme | Should -BeLike '*x64 and ARM64;*'
        "$warned" | Should -BeLike '*every administrator of Intune*'
    }

    It 'writes scripts that Windows PowerShell 5.1 reads as they are, without a finding of the analyzer' {
        foreach ($script in $scripts) {
            [System.IO.File]::ReadAllText($script) | Should -Match '\A[\r\n\t -~]+\z'
            [System.IO.File]::ReadAllText($script) | Should -Not -Match '@[A-Z_]+@'
            [System.IO.File]::ReadAllText($script) -replace "`r`n" | Should -Not -Match '[\r\n]'
            @(Invoke-ScriptAnalyzer -Path $script -Settings (Join-Path $PSScriptRoot '../Quality/ScriptAnalyzerSettings.psd1')) | Should -BeNullOrEmpty
        }
    }

    It 'detects that version or a newer one, by what runs rather than by what was installed' {
        $detect = $scripts[0]
        (Run $detect (Pc -Registry '1.10.0')).Said | Should -Be 'Kanade agent 1.10.0'
        foreach ($case in @(
                @{ Pc = Pc -Registry '1.10.0'; Code = 0 }
                @{ Pc = Pc -Registry '1.9.0'; Code = 1 }
                @{ Pc = Pc -Registry '1.9.0' -State '1.11.0'; Code = 0 }
                @{ Pc = Pc -Registry '1.10.0' -State '1.9.0'; Code = 1 }
                @{ Pc = Pc -Registry 'broken'; Code = 1 }
                @{ Pc = $none; Code = 1 }
            )) {
            $run = Run $detect $case.Pc
            $run.Code | Should -Be $case.Code -Because $case.Pc
            $run.Said.Count | Should -Be (1 - $case.Code)
            $run.Stderr | Should -BeNullOrEmpty
        }
    }

    It 'says in one word whether a PC can have it, and nothing else' {
        foreach ($case in @(@('17763', 'Supported'), @('17134', 'Unsupported'), @('26100', 'Supported'), @('x', 'Unsupported'))) {
            $run = Run $scripts[3] (Pc -Registry $case[0])
            ($run.Said -join '|') | Should -Be $case[1]
            $run.Code | Should -Be 0
            $run.Stderr | Should -BeNullOrEmpty
        }
        (Run $scripts[3] $none).Said | Should -Be 'Unsupported'
        (Run $scripts[3] (Pc -Registry '22000' -Machine 'ARM64')).Said | Should -Be 'Supported'
        (Run $scripts[3] (Pc -Registry '19045' -Machine 'ARM64')).Said | Should -Be 'Unsupported'
    }

    It 'finds an agent in trouble, and says in its last line which' {
        foreach ($case in @(
                @{ Pc = Pc; Code = 0; Said = 'Kanade agent: well.' }
                @{ Pc = Pc -Status 'Stopped'; Code = 1; Said = 'Kanade agent: The service is stopped.' }
                @{ Pc = Pc -Days 5; Code = 1; Said = 'Kanade agent: It has not reached its server for 5 days.' }
                @{ Pc = Pc -Days 7 -Minutes 59; Code = 0; Said = 'Kanade agent: well.' }
                @{ Pc = (Pc -Days 7 -Minutes 59) + "; function Get-CimInstance { throw 'no WMI' }"; Code = 1; Said = 'Kanade agent: It has not reached its server for 7 days.' }
                @{ Pc = $none; Code = 1; Said = 'Kanade agent: There is no service.' }
            )) {
            $run = Run $scripts[1] $case.Pc
            $run.Said[-1] | Should -Be $case.Said
            $run.Code | Should -Be $case.Code
        }
    }

    It 'starts it, starts it anew, or repairs it' {
        $calls = 'function Set-Service { }; function Start-Service { "started" | Out-File -FilePath (Join-Path $env:ProgramData done) }; function Restart-Service { "restarted" | Out-File -FilePath (Join-Path $env:ProgramData done) }'
        $broken = 'function Set-Service { }; function Start-Service { throw "it does not start" }; function Get-ChildItem { [pscustomobject] @{ PSChildName = "{A}" } }; function Get-ItemProperty { process { [pscustomobject] @{ DisplayName = "Kanade Agent"; PSChildName = "{A}" } } }'
        foreach ($case in @(
                @{ Pc = (Pc -Status 'Stopped') + "; $calls"; Code = 0; Said = 'started.'; Did = 'started' }
                @{ Pc = (Pc) + "; $calls"; Code = 0; Said = 'started again.'; Did = 'restarted' }
                @{ Pc = (Pc -Minutes 59) + "; $calls"; Code = 0; Said = 'was started within the hour: left alone.' }
                @{ Pc = (Pc -Running '"C:\Program Files\Kanade\Agent\kanade-host.exe" run -- "cmd.exe" /c a', 'C:\kanade-host.exe run --user first -- x') + "; $calls"; Code = 0; Said = 'runs scripts (2): left alone.' }
                @{ Pc = (Pc) + "; $calls; function Get-CimInstance { throw 'no WMI' }"; Code = 0; Said = 'is left alone: what it does is not known (no WMI).' }
                @{ Pc = (Pc -Status 'Stopped') + "; $broken; function Start-Process { [pscustomobject] @{ ExitCode = 3010 } }"; Code = 0; Said = 'repaired.' }
                @{ Pc = (Pc -Status 'Stopped') + "; $broken; function Start-Process { [pscustomobject] @{ ExitCode = 1618 } }"; Code = 1; Said = 'cannot be started (it does not start), and its repair ended with 1618.' }
                @{ Pc = $none; Code = 1; Said = 'is not installed: its app does that.' }
            )) {
            $run = Run $scripts[2] $case.Pc
            $run.Said[-1] | Should -Be "Kanade agent: $($case.Said)"
            $run.Code | Should -Be $case.Code
            $done = Join-Path $run.Place 'done'
            $(if (Test-Path -LiteralPath $done) { Get-Content -LiteralPath $done }) | Should -Be $case.Did
        }
    }

    It 'refuses <What>' -ForEach @(
        @{ What = 'a file that is not there'; With = @{ MsiPath = 'nowhere.msi' }; Code = 'file_not_found' }
        @{ What = 'a folder that holds something'; With = @{ Path = 'TestDrive:/' }; Code = 'file_exists' }
        @{ What = 'a server that is none'; With = @{ Server = 'https://a b" & calc' }; Code = 'invalid_server' }
        @{ What = 'a server with what a command line takes for its own'; With = @{ Server = "https://a&b" }; Code = 'invalid_server' }
        @{ What = 'a server in the clear'; With = @{ Server = 'http://kanade.example.com' }; Code = 'unencrypted_server' }
        @{ What = 'a server that each PC takes for itself'; With = @{ Server = 'localhost:8480' }; Code = 'loopback_server' }
        @{ What = 'a token that is none'; With = @{ Token = 'ket_a" REBOOT=Force' }; Code = 'invalid_argument' }
    ) {
        $call = @{ MsiPath = $msi; Path = Join-Path $TestDrive 'other' }
        foreach ($key in $With.Keys) { $call[$key] = $With[$key] }
        { New-KanadeIntunePackage @call } | Should -Throw -ErrorId "Kanade.$Code,New-KanadeIntunePackage"
        Test-Path -LiteralPath (Join-Path $TestDrive 'other') | Should -BeFalse
    }

    It 'takes an address as Install-KanadeAgent does' {
        $folder = Join-Path $TestDrive 'short'
        $null = New-KanadeIntunePackage -MsiPath $msi -Path $folder -Server 'kanade.example.com:8480'
        [System.IO.File]::ReadAllText((Join-Path $folder 'README.txt')) | Should -BeLike '* SERVER_URL=https://kanade.example.com:8480*'
    }

    It 'refuses a package of something else' {
        Mock -ModuleName Kanade -CommandName Get-KanadeMsiProperty -MockWith { @{ ProductName = 'Something'; ProductVersion = '1.0.0' } }
        { New-KanadeIntunePackage -MsiPath $msi -Path (Join-Path $TestDrive 'other') } | Should -Throw -ErrorId 'Kanade.invalid_package,New-KanadeIntunePackage'
        Mock -ModuleName Kanade -CommandName Get-KanadeMsiProperty -MockWith { @{ PackageCode = '' } }
        { New-KanadeIntunePackage -MsiPath $msi -Path (Join-Path $TestDrive 'other') } | Should -Throw -ErrorId 'Kanade.invalid_package,New-KanadeIntunePackage'
        Mock -ModuleName Kanade -CommandName Get-KanadeMsiProperty -MockWith { throw 'OpenDatabase,DatabasePath,OpenMode' }
        { New-KanadeIntunePackage -MsiPath $msi -Path (Join-Path $TestDrive 'other') } | Should -Throw -ErrorId 'Kanade.invalid_package,New-KanadeIntunePackage' -ExpectedMessage '*OpenDatabase*'
    }
}

Describe 'New-KanadeGpoPackage' {
    BeforeAll {
        $folder = Join-Path $TestDrive 'gpo'
        $null = New-KanadeGpoPackage -MsiPath $msi -Path $folder -Server 'https://kanade.example.com:8480' -WarningVariable warned
        $startup = Join-Path $folder 'Install-Agent.ps1'
        # msiexec, which ends with these codes one after another.
        function Msiexec([int[]] $Code) {
            "`$global:codes = [System.Collections.Queue]::new(@($($Code -join ','))); function Start-Process { param(`$FilePath, `$ArgumentList, [switch] `$NoNewWindow, [switch] `$Wait, [switch] `$PassThru); if (`$FilePath -like '*icacls.exe') { `"`$ArgumentList`" | Out-File -FilePath (Join-Path `$env:ProgramData rights); return [pscustomobject] @{ ExitCode = 0 } }; `"`$FilePath `$ArgumentList`" | Out-File -Append -FilePath (Join-Path `$env:ProgramData calls); [pscustomobject] @{ ExitCode = `$global:codes.Dequeue() } }"
        }
        function LogOf($Run) { [System.IO.File]::ReadAllText((Get-ChildItem -LiteralPath $Run.Place -Recurse -Filter '*startup.log').FullName) }
        function CallsOf($Run) { $path = Join-Path $Run.Place 'calls'; if (Test-Path -LiteralPath $path) { @(Get-Content -LiteralPath $path) } }
    }

    It 'writes the package, the policies, the startup script and the steps' {
        Test-Path -LiteralPath (Join-Path $folder 'kanade-agent-1.10.0-x64.msi') | Should -BeTrue
        foreach ($file in 'Kanade.admx', 'en-US/Kanade.adml', 'ja-JP/Kanade.adml') { Test-Path -LiteralPath (Join-Path $folder "PolicyDefinitions/$file") | Should -BeTrue }
        [System.IO.File]::ReadAllText((Join-Path $folder 'README.txt')) | Should -BeLike '*SYSVOL*'
        $warned | Should -BeNullOrEmpty
        $null = New-KanadeGpoPackage -MsiPath $msi -Path $folder -Token 'ket_a_b' -Force -WarningVariable warned -WarningAction SilentlyContinue
        "$warned" | Should -BeLike '*whoever can read the share*'
        [System.IO.File]::ReadAllText($startup) | Should -BeLike '* ENROL_TOKEN=ket_a_b*'
        $null = New-KanadeGpoPackage -MsiPath $msi -Path $folder -Server 'https://kanade.example.com:8480' -Force
    }

    It 'writes a script that Windows PowerShell 5.1 reads as it is, without a finding of the analyzer' {
        [System.IO.File]::ReadAllText($startup) | Should -Match '\A[\r\n\t -~]+\z'
        [System.IO.File]::ReadAllText($startup) | Should -Not -Match '@[A-Z_]+@'
        @(Invoke-ScriptAnalyzer -Path $startup -Settings (Join-Path $PSScriptRoot '../Quality/ScriptAnalyzerSettings.psd1')) | Should -BeNullOrEmpty
    }

    It 'does nothing where that version or a newer one runs' {
        $run = Run $startup ((Pc -Registry '1.9.0' -State '1.10.1') + '; ' + (Msiexec 0))
        $run.Code | Should -Be 0
        CallsOf $run | Should -BeNullOrEmpty
        LogOf $run | Should -BeLike '*1.10.1 is there: nothing to do*'
    }

    It 'installs it where there is none or an older one, and says how that went' {
        foreach ($case in @(
                @{ Pc = $none; Codes = 0; Code = 0; Log = '*1.10.0 is installed*'; Calls = 1 }
                @{ Pc = Pc -Registry '1.9.0'; Codes = 3010; Code = 0; Log = '*asks for a restart (3010)*'; Calls = 1 }
                @{ Pc = $none; Codes = 1618, 1618, 0; Code = 0; Log = '*(1618): waiting*1.10.0 is installed*'; Calls = 3 }
                @{ Pc = $none; Codes = 1618, 1618, 1618, 1618, 1618; Code = 1618; Log = '*the next start tries again*'; Calls = 5 }
                @{ Pc = $none; Codes = 1638; Code = 1638; Log = '*another version is installed (1638)*'; Calls = 1 }
                @{ Pc = $none; Codes = 1603; Code = 1603; Log = '*ended with 1603*'; Calls = 1 }
            )) {
            $run = Run $startup ("$($case.Pc); " + (Msiexec $case.Codes)) "-Folder '$folder' -PauseSec 0"
            LogOf $run | Should -BeLike $case.Log
            $run.Code | Should -Be $case.Code
            @(CallsOf $run).Count | Should -Be $case.Calls
            @(CallsOf $run)[0] | Should -BeLike '*msiexec.exe /i "*kanade-install-*kanade-agent-1.10.0-x64.msi" /qn /norestart /liweaucmo "*msi.log" SERVER_URL=https://kanade.example.com:8480'
            Get-ChildItem -LiteralPath $run.Place -Filter 'kanade-install-*' | Should -BeNullOrEmpty
            Get-Content -LiteralPath (Join-Path $run.Place 'rights') | Should -BeLike '"*Kanade" /inheritance:r /grant:r *'
        }
    }
    It 'installs nothing but the package that was meant, whatever lies on the share' {
        $share = Join-Path $TestDrive 'share'
        $null = New-Item -ItemType Directory -Path $share
        [System.IO.File]::WriteAllText((Join-Path $share 'kanade-agent-1.10.0-x64.msi'), 'another package')
        $run = Run $startup ("$none; " + (Msiexec 0)) "-Folder '$share' -PauseSec 0"
        $run.Code | Should -Be 1
        LogOf $run | Should -BeLike '*is not the package that was meant*'
        CallsOf $run | Should -BeNullOrEmpty
        Get-ChildItem -LiteralPath $run.Place -Filter 'kanade-install-*' | Should -BeNullOrEmpty
    }

    It 'takes no name of a file that would end a string in the script' {
        $odd = Join-Path $TestDrive "a'b.msi"
        [System.IO.File]::WriteAllText($odd, 'a package')
        { New-KanadeGpoPackage -MsiPath $odd -Path (Join-Path $TestDrive 'odd') } | Should -Throw -ErrorId 'Kanade.invalid_argument,New-KanadeGpoPackage'
    }
}

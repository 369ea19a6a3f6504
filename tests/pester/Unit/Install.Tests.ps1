BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Answers.ps1')
    . (Join-Path $PSScriptRoot '../Support/Private.ps1')
    . (Join-Path $PSScriptRoot '../Support/Target.ps1')
    $package = Join-Path $TestDrive 'kanade-agent-1.2.3-x64.msi'
    [System.IO.File]::WriteAllText($package, 'the package')
    $given = @{ Path = $package; Server = 'kanade.example.com'; EnrolmentToken = 'ket_1_2' }
    $script:sessions = @(1..2 | ForEach-Object -Process { Open-Target })
    # Of the session, or the environment of whoever runs the tests.
    $script:before = @{ Server = $env:KANADE_SERVER; Token = $env:KANADE_TOKEN }
    $env:KANADE_SERVER = 'https://kanade.example.com:8480'
    $env:KANADE_TOKEN = 't1'
}

AfterAll {
    $sessions | Remove-PSSession
    $env:KANADE_SERVER = $before.Server
    $env:KANADE_TOKEN = $before.Token
}

Describe 'Installing' {
    BeforeEach {
        $script:disk = Join-Path $TestDrive ([guid]::NewGuid().ToString('n'))
        Use-Pc $disk
        $script:asked = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Method = $Method; Path = $Path; Body = $Body })
            [pscustomobject] @{ id = 't9'; token = 'ket_t9_secret' }
        }
    }

    AfterEach {
        Restore-Seam
    }

    It 'copies the package into each session, runs it there, and leaves nothing of it' {
        $done = @(Install-KanadeAgent -Session $sessions @given -NatsUrl 'tls://nats.example.com' -ErrorAction Stop)
        $done.Count | Should -Be 2
        $done[0].PSObject.TypeNames[0] | Should -Be 'Kanade.AgentInstallation'
        $done[0].ComputerName, $done[0].Version, $done[0].Service, $done[0].RestartNeeded | Should -Be 'localhost', '1.2.3', 'Running', $false
        $lines = Get-Msiexec $disk
        $lines.Count | Should -Be 2
        $lines[0] | Should -BeLike "/i `"$disk/ProgramFiles/kanade-install-*/kanade-agent-1.2.3-x64.msi`" /qn /norestart /liweaucmo `"$($done[0].LogPath.Substring(0, 20))*`" ENROL_TOKEN=`"ket_1_2`" NATS_URL=`"tls://nats.example.com`" SERVER_URL=`"https://kanade.example.com`""
        Get-ChildItem -Path (Join-Path $disk 'ProgramFiles') | Should -BeNullOrEmpty
        # Two processes, and none of them this one.
        @(Get-ChildItem -Path $disk -Filter 'msiexec-*').Name | Should -Not -Contain "msiexec-$PID"
        $sessions.State | Should -Be 'Opened', 'Opened'
    }

    It 'installs here without a session, and takes an administrator for it' {
        (Install-KanadeAgent @given -ErrorAction Stop).Version | Should -Be '1.2.3'
        Test-Path -LiteralPath (Join-Path $disk "msiexec-$PID") | Should -BeTrue
        Use-Seam Test-KanadeElevation '$false'
        { Install-KanadeAgent @given } | Should -Throw -ErrorId 'Kanade.not_elevated,Install-KanadeAgent'
        Use-Seam Get-KanadePlatform "'Linux'"
        { Install-KanadeAgent @given } | Should -Throw -ErrorId 'Kanade.windows_needed,Install-KanadeAgent'
        (Get-Msiexec $disk).Count | Should -Be 1
    }

    It 'opens sessions by name, so many at once, and says to whom it does not get' {
        $script:opened = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Open-KanadeSession -MockWith {
            $null = $script:opened.Add(@{ Names = $ComputerName; Remoting = $Remoting })
            foreach ($name in $ComputerName) {
                [pscustomobject] @{ Name = $name; Session = $(if ($name -ne 'PC2') { Open-Target }); Failure = $(if ($name -eq 'PC2') { 'Access is denied.' }) }
            }
        }
        $done = @([pscustomobject] @{ Name = 'PC1'; DNSHostName = 'pc1.contoso.com' }, 'PC2', 'pc2' | Install-KanadeAgent @given -UseSSL -ThrottleLimit 1 -ErrorVariable failed -ErrorAction SilentlyContinue)
        $done.ComputerName | Should -Be 'pc1.contoso.com'
        $opened.Count | Should -Be 2
        $opened[0].Names | Should -Be 'pc1.contoso.com'
        $opened[0].Remoting.Keys | Should -Be 'UseSSL'
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'Kanade.remoting_failed,Install-KanadeAgent'
        $failed[0].TargetObject | Should -Be 'PC2'
        "$($failed[0])" | Should -BeLike '*Access is denied.'
        Get-PSSession | Where-Object -FilterScript { $_.InstanceId -notin $sessions.InstanceId } | Should -BeNullOrEmpty
    }

    It 'makes a token for as many PCs as are reached at once, and says which' {
        $done = @(Install-KanadeAgent -Session $sessions -Path $package -Group Lab -ErrorAction Stop)
        $asked.Count | Should -Be 1
        $asked[0].Path | Should -Be '/enrolment-tokens'
        $asked[0].Body.uses, $asked[0].Body.expires_in, $asked[0].Body.groups | Should -Be 2, '4h', 'Lab'
        $done.TokenId | Should -Be 't9', 't9'
        (Get-Msiexec $disk)[0] | Should -BeLike '* ENROL_TOKEN="ket_t9_secret" SERVER_URL="https://kanade.example.com:8480"'
    }

    It 'puts nobody into a group without a token that says so' {
        { Install-KanadeAgent -Session $sessions @given -Group Lab } | Should -Throw -ErrorId 'Kanade.invalid_argument,Install-KanadeAgent'
        { Install-KanadeAgent -Session $sessions -Path $package -NoEnrolment -Group Lab } | Should -Throw -ErrorId 'Kanade.invalid_argument,Install-KanadeAgent'
        Get-Msiexec $disk | Should -BeNullOrEmpty
    }

    It 'makes another token for the next batch: a fleet takes longer than a token should live' {
        $null = Install-KanadeAgent -Session $sessions -Path $package -ThrottleLimit 1 -ErrorAction Stop
        $asked.Count | Should -Be 2
        $asked.Body.uses | Should -Be 1, 1
    }

    It 'tells the agent itself where the same package is there: msiexec writes nothing then' {
        $null = Install-KanadeAgent -Session $sessions @given -NatsUrl 'tls://nats.example.com' -ErrorAction Stop
        $told = Get-Told $disk
        $told.Count | Should -Be 2
        $told[1].Server, $told[1].EnrolmentToken, $told[1].NatsUrl | Should -Be 'https://kanade.example.com', 'ket_1_2', 'tls://nats.example.com'
    }

    It 'tells it by msiexec alone where <Case>' -ForEach @(
        @{ Case = 'there was none'; Before = ''; After = '{1}' }
        @{ Case = 'there was another'; Before = '{1}'; After = '{2}' }
    ) {
        Use-Seam Find-KanadeProduct "if (Test-Path -Path '$disk/msiexec-*') { '$After' } else { '$Before' | Where-Object -FilterScript { `$_ } }"
        $null = Install-KanadeAgent -Session $sessions[0] @given -ErrorAction Stop
        Get-Told $disk | Should -BeNullOrEmpty
    }

    It 'tells it nothing where msiexec has failed' {
        Use-Pc $disk -ExitCode 1603
        $null = Install-KanadeAgent -Session $sessions[0] @given -ErrorAction SilentlyContinue
        Get-Told $disk | Should -BeNullOrEmpty
    }

    It 'says so where others could read what it is told' {
        Use-Seam Set-KanadeAgentSetting 'param([hashtable] $Value) $false'
        $null = Install-KanadeAgent -Session $sessions[0] @given -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -Be 'Kanade.settings_readable,Install-KanadeAgent'
    }

    It 'takes <Sddl> for rights of SYSTEM and administrators alone: <Own>' -ForEach @(
        @{ Own = $true; Sddl = 'D:PAI(A;CI;KA;;;SY)(A;CI;KA;;;BA)' }
        @{ Own = $true; Sddl = 'O:SYG:SYD:P(A;CI;KA;;;SY)(A;CI;KA;;;BA)' }
        @{ Own = $false; Sddl = 'D:AI(A;CIID;KR;;;BU)(A;CIID;KA;;;BA)(A;CIID;KA;;;SY)' }
        @{ Own = $false; Sddl = 'D:P(A;CI;KA;;;SY)(A;CI;KR;;;S-1-5-21-1-2-3-1001)' }
        @{ Own = $false; Sddl = 'D:NO_ACCESS_CONTROL' }
    ) {
        Invoke-Private -Name Test-KanadeOwnRight -With @{ Sddl = $Sddl } | Should -Be $Own
    }

    It 'tells a PC nothing with -NoEnrolment' {
        $null = Install-KanadeAgent -Session $sessions[0] -Path $package -NoEnrolment -ErrorAction Stop
        Get-Told $disk | Should -BeNullOrEmpty
        Get-Msiexec $disk | Should -Not -Match 'ENROL_TOKEN|SERVER_URL'
        $asked.Count | Should -Be 0
    }

    It 'tells no other PC a server that is on this one' {
        $env:KANADE_SERVER = 'http://127.0.0.1:8480'
        try {
            { Install-KanadeAgent -Session $sessions -Path $package } | Should -Throw -ErrorId 'Kanade.loopback_server,Install-KanadeAgent'
            (Install-KanadeAgent -Path $package -ErrorAction Stop).TokenId | Should -Be 't9'
        } finally {
            $env:KANADE_SERVER = 'https://kanade.example.com:8480'
        }
    }

    It 'runs nothing that is not what was meant' {
        { Install-KanadeAgent @given -Sha256 ('0' * 64) } | Should -Throw -ErrorId 'Kanade.hash_mismatch,Install-KanadeAgent'
        # On its way there.
        $changed = Join-Path $TestDrive 'changed.msi'
        [System.IO.File]::WriteAllText($changed, 'another package')
        Mock -ModuleName Kanade -CommandName Copy-KanadeFileToTarget -MockWith { foreach ($one in $Target) { Copy-Item -LiteralPath $changed -Destination $one.File } }
        $done = @(Install-KanadeAgent -Session $sessions @given -ErrorVariable failed -ErrorAction SilentlyContinue)
        $done.Count | Should -Be 0
        $failed.FullyQualifiedErrorId | Should -Be 'Kanade.hash_mismatch,Install-KanadeAgent', 'Kanade.hash_mismatch,Install-KanadeAgent'
        Get-Msiexec $disk | Should -BeNullOrEmpty
        Get-ChildItem -Path (Join-Path $disk 'ProgramFiles') | Should -BeNullOrEmpty
    }

    It 'takes a signature that is <Status> when it is <Asked>asked for: <Taken>' -ForEach @(
        @{ Status = 'Valid'; Asked = ''; Taken = $true }
        @{ Status = 'Valid'; Asked = 'not '; Taken = $true }
        @{ Status = 'NotSigned'; Asked = ''; Taken = $false }
        @{ Status = 'HashMismatch'; Asked = 'not '; Taken = $false }
        @{ Status = 'NotTrusted'; Asked = 'not '; Taken = $false }
        @{ Status = 'UnknownError'; Asked = 'not '; Taken = $false }
    ) {
        Use-Seam Get-KanadeFileSignature "param([string] `$LiteralPath) @{ Status = '$Status'; Signer = 'CN=Somebody'; Message = 'Said.' }"
        $done = @(Install-KanadeAgent @given -RequireSignature:($Asked -eq '') -ErrorVariable failed -ErrorAction SilentlyContinue)
        $done.Count | Should -Be ([int] $Taken)
        (Get-Msiexec $disk).Count | Should -Be ([int] $Taken)
        if (-not $Taken) {
            $failed[0].FullyQualifiedErrorId | Should -Be 'Kanade.signature_refused,Install-KanadeAgent'
            "$($failed[0])" | Should -BeLike '*CN=Somebody*'
        }
    }

    It 'says of each PC how msiexec ended there' {
        Use-Pc $disk -ExitCode 1603
        $null = Install-KanadeAgent -Session $sessions @given -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed.Count | Should -Be 2
        $failed[0].FullyQualifiedErrorId | Should -Be 'Kanade.installation_failed,Install-KanadeAgent'
        $failed[0].Exception.Data['ExitCode'] | Should -Be 1603
        $failed[0].Exception.Data['LogPath'] | Should -BeLike "$disk/Windows/Temp/kanade-agent-*.log"
        $failed[0].TargetObject | Should -Be 'localhost'
        Use-Seam Get-KanadeMachineValue 'param([string] $Path) @{ Version = "1.2.10" }'
        $null = Install-KanadeAgent -Session $sessions[0] @given -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -Be 'Kanade.newer_version_installed,Install-KanadeAgent'
        "$($failed[0])" | Should -BeLike '*1.2.10 is installed there*'
        Use-Pc $disk -ExitCode 3010
        (Install-KanadeAgent -Session $sessions[0] @given -ErrorAction Stop).RestartNeeded | Should -BeTrue
    }

    It 'waits there while another installation runs, for so long' {
        Use-Pc $disk -ExitCode 1618, 1618, 0
        Invoke-Private -Name Wait-KanadeMsiexec -With @{ Argument = '/i'; BusyTimeoutSec = 60; PauseSec = 0 } | Should -Be 0
        (Get-Msiexec $disk).Count | Should -Be 3
        Use-Pc $disk -ExitCode 1618
        $null = Install-KanadeAgent -Session $sessions[0] @given -BusyTimeoutSec 0 -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -Be 'Kanade.installation_busy,Install-KanadeAgent'
    }

    It 'goes on when there is no answer from one PC, and says that nothing is known of it' {
        Use-Seam Invoke-KanadeMsiexec "param([string] `$Argument, `$Session) [System.IO.File]::Open('$disk/first', 'CreateNew').Dispose(); 0"
        $done = @(Install-KanadeAgent -Session $sessions @given -ErrorVariable failed -ErrorAction SilentlyContinue)
        $done.Count | Should -Be 1
        $failed.Count | Should -Be 1
        $failed[0].FullyQualifiedErrorId | Should -Be 'Kanade.remoting_failed,Install-KanadeAgent'
        "$($failed[0])" | Should -BeLike '*what became of the installation is not known*'
    }

    It 'asks above 20 PCs, and without anybody to ask does nothing' {
        Mock -ModuleName Kanade -CommandName Test-KanadePrompt -MockWith { $false }
        Mock -ModuleName Kanade -CommandName Open-KanadeSession -MockWith { throw 'Nobody was to be reached.' }
        $names = 1..21 | ForEach-Object -Process { "PC$_" }
        { Install-KanadeAgent -ComputerName $names @given } | Should -Throw -ErrorId 'Kanade.confirmation_needed,Install-KanadeAgent'
        { Uninstall-KanadeAgent -ComputerName $names -Confirm:$false } | Should -Throw -ErrorId 'Kanade.confirmation_needed,Uninstall-KanadeAgent'
        { Uninstall-KanadeAgent -ComputerName PC1 } | Should -Throw -ErrorId 'Kanade.confirmation_needed,Uninstall-KanadeAgent'
        { Install-KanadeAgent -ComputerName $names @given -Force } | Should -Throw 'Nobody was to be reached.'
    }

    It 'removes, here and elsewhere, with the data only when that is said' {
        $done = @(Uninstall-KanadeAgent -Session $sessions -Confirm:$false -ErrorAction Stop)
        $done[0].PSObject.TypeNames[0] | Should -Be 'Kanade.AgentRemoval'
        $done.Version | Should -Be '1.2.3', '1.2.3'
        (Get-Msiexec $disk)[0] | Should -BeLike '/x "{11111111-2222-3333-4444-555555555555}" /qn /norestart *'
        Get-Msiexec $disk | Should -Not -Match 'REMOVE_DATA'
        (Uninstall-KanadeAgent -RemoveData -Confirm:$false -ErrorAction Stop).DataRemoved | Should -BeTrue
        Get-Msiexec $disk | Select-String -Pattern 'REMOVE_DATA="1"' | Should -HaveCount 1
        $asked.Count | Should -Be 0
        Use-Seam Find-KanadeProduct ''
        $null = Uninstall-KanadeAgent -Session $sessions[0] -Confirm:$false -ErrorVariable failed -ErrorAction SilentlyContinue
        $failed[0].FullyQualifiedErrorId | Should -Be 'Kanade.not_installed,Uninstall-KanadeAgent'
    }

    It 'retires under the name that a policy gives a PC, and not when the removal failed' {
        Use-Seam Get-KanadeMachineValue 'param([string] $Path) if ($Path -like "*Policies*") { @{ PcId = "KIOSK7" } } else { @{ Version = "1.2.3" } }'
        (Uninstall-KanadeAgent -Session $sessions[0] -Retire -Confirm:$false -ErrorAction Stop).Retired | Should -BeTrue
        "$($asked[0].Method) $($asked[0].Path)" | Should -Be 'DELETE /agents/KIOSK7'
        Use-Pc $disk -ExitCode 1603
        $null = Uninstall-KanadeAgent -Session $sessions[0] -Retire -Confirm:$false -ErrorAction SilentlyContinue
        $asked.Count | Should -Be 1
    }
}

Describe 'Looking at an installation' {
    BeforeEach {
        $script:disk = Join-Path $TestDrive ([guid]::NewGuid().ToString('n'))
        Use-Pc $disk
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith { Refusal 'not_found' -Status 404 }
    }

    AfterEach {
        Restore-Seam
    }

    BeforeAll {
        # What is said by facts that differ from those of a PC on which all is well.
        function Checks([hashtable] $But = @{}, [object] $Known = 'online', [string[]] $Without = @()) {
            $facts = @{
                ComputerName = 'PC1'; Elevated = $true; Service = 'Running'; Machine = @{ Version = '1.2.3'; Server = 'https://a' }; Policy = @{ Server = 'https://b' }; File = @{ LogLevel = 'debug' }
                Versions = @('1.2.3'); Host = "current 1.2.3`n"; Identity = $true; Clock = 1.5; Defender = @{ RealTime = $true; Excluded = @(); Found = @() }
            }
            foreach ($key in $But.Keys) { $facts[$key] = $But[$key] }
            foreach ($key in $Without) { $facts.Remove($key); $facts["${key}Failure"] = 'Access is denied.' }
            if ($Known -is [string]) { $Known = [pscustomobject] @{ pc_id = 'PC1'; online = $Known -eq 'online'; identity = 'enrolled'; last_seen = '2024-01-02T03:04:05Z'; problems = @() } }
            $made = [ordered] @{}
            $all = Invoke-Private -Name ConvertTo-KanadeInstallationCheck -With @{ ComputerName = 'PC1'; Fact = $facts; Known = $Known }
            foreach ($one in $all) { $made[$one.Name] = $one }
            $made
        }
    }

    It 'says of each thing that it is well, and who has set what' {
        $all = Checks
        $all.Keys | Should -Be 'Service', 'Version', 'Server', 'Identity', 'Connection', 'Policy', 'Defender', 'Clock'
        $all.Values.State | Sort-Object -Unique | Should -Be 'ok'
        $all['Service'].PSObject.TypeNames[0] | Should -Be 'Kanade.InstallationCheck'
        $all['Policy'].Detail | Should -Be 'Server = https://b (Group Policy); LogLevel = debug (settings.json)'
    }

    It 'says that <Name> is <State>' -ForEach @(
        @{ Name = 'Service'; State = 'failed'; But = @{ Service = $null } }
        @{ Name = 'Service'; State = 'failed'; But = @{ Service = 'Stopped' } }
        @{ Name = 'Service'; State = 'warning'; But = @{ Service = 'StartPending' } }
        @{ Name = 'Version'; State = 'failed'; But = @{ Machine = @{} } }
        @{ Name = 'Version'; State = 'warning'; But = @{ Host = "current 1.2.3`nbarred 1.2.4`n" } }
        @{ Name = 'Server'; State = 'failed'; But = @{ Machine = @{ Version = '1' }; Policy = @{} } }
        @{ Name = 'Server'; State = 'failed'; Without = 'Clock' }
        @{ Name = 'Server'; State = 'unknown'; Without = 'Clock'; But = @{ Policy = @{ Proxy = 'http://proxy:8080' } } }
        @{ Name = 'Server'; State = 'unknown'; Without = 'Clock'; But = @{ HttpsProxy = 'http://proxy:8080' } }
        @{ Name = 'Identity'; State = 'failed'; But = @{ Identity = $false } }
        @{ Name = 'Identity'; State = 'warning'; But = @{ Identity = $false; Machine = @{ EnrolmentToken = '(set)' } } }
        @{ Name = 'Connection'; State = 'failed'; Known = 'off' }
        @{ Name = 'Connection'; State = 'unknown'; Known = $null }
        @{ Name = 'Defender'; State = 'warning'; But = @{ Defender = @{ RealTime = $true; Excluded = @(); Found = @('file:_C:\Program Files\Kanade\Agent\node.exe') } } }
        @{ Name = 'Clock'; State = 'warning'; But = @{ Clock = -3600 } }
        @{ Name = 'Clock'; State = 'failed'; But = @{ Clock = 2e5 } }
        @{ Name = 'Clock'; State = 'unknown'; Without = 'Clock' }
        @{ Name = 'Service'; State = 'unknown'; Without = 'Service' }
        @{ Name = 'Version'; State = 'unknown'; Without = 'Machine' }
        @{ Name = 'Identity'; State = 'unknown'; Without = 'Identity' }
        @{ Name = 'Policy'; State = 'unknown'; Without = 'Policy' }
        @{ Name = 'Defender'; State = 'unknown'; Without = 'Defender' }
    ) {
        $call = @{}
        if ($But) { $call.But = $But }
        if ($Without) { $call.Without = $Without }
        if ($_.Contains('Known')) { $call.Known = $Known }
        $one = (Checks @call)[$Name]
        $one.State | Should -Be $State
        $one.Detail | Should -Not -BeNullOrEmpty
        $one.WhatToDo | Should -Not -BeNullOrEmpty
    }

    It 'goes by what the backend says of the PC' {
        (Checks -Known (Refusal 'not_found' -Status 404))['Connection'].State | Should -Be 'failed'
        (Checks -Known (Refusal 'internal' -Status 500))['Connection'].State | Should -Be 'unknown'
        $known = [pscustomobject] @{ pc_id = 'PC1'; online = $true; identity = 'revoked'; problems = @([pscustomobject] @{ code = 'disk_full' }) }
        $all = Checks -Known $known
        $all['Identity'].State | Should -Be 'failed'
        $all['Connection'].State, $all['Connection'].Detail | Should -Be 'warning', 'It is connected, and says: disk_full.'
    }

    It 'warns of barred versions that are newer than what runs, and of no other' {
        (Checks -But @{ Host = "current 1.10.0`nbarred 1.9.0`n" })['Version'].State | Should -Be 'ok'
        (Checks -But @{ Host = "current 1.9.0`nbarred 1.8.0`nbarred 1.10.0`n" })['Version'].Detail | Should -BeLike '1.9.0 runs. *: 1.10.0.'
    }

    It 'names logs that are there: the agent numbers its own' {
        (Checks -But @{ Identity = $false; Machine = @{ EnrolmentToken = '(set)' } })['Identity'].WhatToDo | Should -BeLike '*the newest file in C:\ProgramData\Kanade\agent\log *'
        (Checks -Known 'off')['Connection'].WhatToDo | Should -BeLike '*the newest file in C:\ProgramData\Kanade\agent\log *'
    }

    It 'looks in a session, and shows no token' {
        Use-Seam Get-KanadeMachineValue 'param([string] $Path) if ($Path -like "*Policies*") { @{ PcId = "KIOSK7"; EnrolmentToken = "ket_1_secret" } } else { @{ Version = "1.2.3"; Server = "http://127.0.0.1:1" } }'
        Use-Seam Get-KanadeDefenderState '@{ RealTime = $true; Excluded = @("C:\ProgramData\Kanade"); Found = @() }'
        [System.IO.File]::WriteAllText((Join-Path $disk 'CommonApplicationData/Kanade/settings.json'), '{ "log_level": "debug", "server": "https://c", "other": 1 }')
        [System.IO.File]::WriteAllText((Join-Path $disk 'CommonApplicationData/Kanade/host/state.txt'), "current 1.2.2`nbarred 1.2.3`n")
        $seen = @(Test-KanadeAgentInstallation -Session $sessions[0] -ErrorAction Stop)
        $seen.Count | Should -Be 8
        $of = @{}
        foreach ($one in $seen) { $of[$one.Name] = $one }
        $of['Policy'].Detail | Should -Be 'EnrolmentToken = (set) (Group Policy); PcId = KIOSK7 (Group Policy); Server = http://127.0.0.1:1 (installation); LogLevel = debug (settings.json)'
        $of['Version'].Detail | Should -BeLike '1.2.2 runs. Barred*1.2.3.'
        $of['Server'].State, $of['Identity'].State, $of['Connection'].State | Should -Be 'failed', 'warning', 'failed'
        $of['Defender'].Detail | Should -Be 'Excluded: C:\ProgramData\Kanade.'
        Should -Invoke -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -ParameterFilter { $Path -eq '/agents/KIOSK7' }
        $seen | Out-String | Should -Not -Match 'secret'
    }

    It 'says through which proxy the agent goes, and not by which password' {
        Use-Seam Get-KanadeMachineValue 'param([string] $Path) if ($Path -like "*Environment") { @{ HTTPS_PROXY = "http://me:s3cret@proxy:8080" } } elseif ($Path -like "*Policies*") { @{} } else { @{ Version = "1.2.3"; Server = "https://0.0.0.0:1" } }'
        (@(Test-KanadeAgentInstallation -Session $sessions[0] -ErrorAction Stop) | Where-Object -Property Name -EQ 'Server').Detail | Should -BeLike '*HTTPS_PROXY*through http://proxy:8080.'
        [System.IO.File]::WriteAllText((Join-Path $disk 'CommonApplicationData/Kanade/settings.json'), '{ "proxy": "http://me:s3cret@other:8080", "groups": "Sales" }')
        $seen = @(Test-KanadeAgentInstallation -Session $sessions[0] -ErrorAction Stop)
        ($seen | Where-Object -Property Name -EQ 'Server').Detail | Should -BeLike '*through http://other:8080.'
        ($seen | Where-Object -Property Name -EQ 'Policy').Detail | Should -BeLike '*Groups = Sales (settings.json)*'
        $seen | Out-String | Should -Not -Match 's3cret'
    }

    It 'compares the clock with that of what answers' {
        $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
        $listener.Start()
        try {
            $port = $listener.LocalEndpoint.Port
            $answer = [powershell]::Create().AddScript({
                    param($Listener, $At)
                    $client = $Listener.AcceptTcpClient()
                    $bytes = [System.Text.Encoding]::ASCII.GetBytes("HTTP/1.1 200 OK`r`nDate: $At`r`n`r`n")
                    $client.GetStream().Write($bytes, 0, $bytes.Length)
                    $client.Dispose()
                }).AddArgument($listener).AddArgument([System.DateTimeOffset]::UtcNow.AddHours(2).ToString('r'))
            $running = $answer.BeginInvoke()
            $off = Invoke-Private -Name Get-KanadeServerClock -With @{ Uri = "http://127.0.0.1:$port" }
            $off | Should -BeGreaterThan 7100
            $off | Should -BeLessThan 7300
            $null = $answer.EndInvoke($running)
            $answer.Dispose()
        } finally {
            $listener.Stop()
        }
    }
}

Describe 'The package that the backend has' {
    BeforeEach {
        $script:disk = Join-Path $TestDrive ([guid]::NewGuid().ToString('n'))
        Use-Pc $disk
        $script:asked = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Method = $Method; Path = $Path; Body = $Body; Query = $Query; InFile = $InFile })
            if ($Path -eq '/enrolment-tokens') { return [pscustomobject] @{ id = 't9'; token = 'ket_t9_secret' } }
            [pscustomobject] @{ version = '1.2.3'; size = 11; sha256 = 'a' * 64; script_sha256 = 'b' * 64; uploaded_at = '2024-01-02T03:04:05Z'; uploaded_by = 'admin' }
        }
    }

    AfterEach {
        Restore-Seam
    }

    It 'is installed without -Path, and its copy here is gone afterwards' {
        Mock -ModuleName Kanade -CommandName Protect-KanadeFolder
        Mock -ModuleName Kanade -CommandName Receive-KanadeFile -MockWith { Copy-Item -LiteralPath $package -Destination $LiteralPath }
        $null = Install-KanadeAgent -ErrorVariable failed -ErrorAction SilentlyContinue -Server a -EnrolmentToken ket_1_2 -Sha256 (Invoke-Private -Name Get-KanadeFileHash -With @{ LiteralPath = $package })
        $failed | Should -BeNullOrEmpty
        Get-Msiexec $disk | Should -BeLike '*/kanade-agent-1.2.3-x64.msi" /qn*'
        Should -Invoke -ModuleName Kanade -CommandName Receive-KanadeFile -ParameterFilter { $script:copy = $LiteralPath; $Size -eq 11 -and "$($Request.RequestUri)" -eq "https://kanade.example.com:8480/api/v1/releases/files/$('a' * 64)" }
        Test-Path -LiteralPath (Split-Path -Path $copy) | Should -BeFalse
        { Install-KanadeAgent -Server a -EnrolmentToken ket_1_2 } | Should -Throw -ErrorId 'Kanade.hash_mismatch,Install-KanadeAgent'
    }

    It 'is published as what its name says, or as is said' {
        (Publish-KanadeAgentPackage -Path $package).PSObject.TypeNames[0] | Should -Be 'Kanade.AgentPackage'
        $asked[0].Method, $asked[0].Path, $asked[0].InFile | Should -Be 'PUT', '/agent-package', $package
        $asked[0].Query.version, $asked[0].Query.size, $asked[0].Query.sha256 | Should -Be '1.2.3', 11, (Invoke-Private -Name Get-KanadeFileHash -With @{ LiteralPath = $package })
        $other = Join-Path $TestDrive 'other.msi'
        [System.IO.File]::WriteAllText($other, '')
        { Publish-KanadeAgentPackage -Path $other } | Should -Throw -ErrorId 'Kanade.version_unknown,Publish-KanadeAgentPackage'
        { Publish-KanadeAgentPackage -Path $package -Sha256 ('0' * 64) } | Should -Throw -ErrorId 'Kanade.hash_mismatch,Publish-KanadeAgentPackage'
        $asked.Count | Should -Be 1
        (Get-KanadeAgentPackage).Sha256 | Should -Be ('a' * 64)
    }

    It 'has a line that installs it, with a token for one PC' {
        $made = New-KanadeInstallCommand
        $made.Command | Should -BeExactly "`$s = (curl.exe -kfsS https://kanade.example.com:8480/install.ps1) -join `"``n`"; if ((Get-FileHash -InputStream ([IO.MemoryStream][Text.Encoding]::UTF8.GetBytes(`$s))).Hash -ne '$('b' * 64)') { throw 'Not the script that was meant.' }; & ([scriptblock]::Create(`$s)) -Server https://kanade.example.com:8480 -Token ket_t9_secret"
        $made.TokenId, $made.Version, $made.Server | Should -Be 't9', '1.2.3', 'https://kanade.example.com:8480'
        $body = @($asked | Where-Object -FilterScript { $_.Path -eq '/enrolment-tokens' })[0].Body
        $body.uses, $body.expires_in | Should -Be 1, '4h'
        $errors = $null
        $null = [System.Management.Automation.Language.Parser]::ParseInput($made.Command, [ref] $null, [ref] $errors)
        $errors | Should -BeNullOrEmpty
        $made | Out-String | Should -BeLike '*Command*curl.exe*'
    }

    It 'has a line that runs nothing but that script, letter by letter' {
        $text = [System.IO.File]::ReadAllText((Join-Path $PSScriptRoot '../../../backend/install/install.ps1'))
        $text | Should -Match '\A[\n -~]+\z'
        # It is ASCII: another letter in the place of one has to count, too, such as one that ends a string.
        $text = "'what?'"
        $sha = [System.Security.Cryptography.SHA256]::Create()
        $hash = [System.BitConverter]::ToString($sha.ComputeHash([System.Text.Encoding]::ASCII.GetBytes($text))).Replace('-', '').ToLowerInvariant()
        $line = Invoke-Private -Name Format-KanadeInstallCommand -With @{ Server = 'https://a'; Token = 'ket_1_2'; Sha256 = $hash }
        & ([scriptblock]::Create("function curl.exe { `"'what?'`" }; $line")) | Should -Be 'what?'
        $quote = [char] 0x2019
        { & ([scriptblock]::Create("function curl.exe { `"'what$quote`" + `"'`" }; $line")) } | Should -Throw 'Not the script that was meant.'
    }

    It 'has a line with the token and the name that are said' {
        $made = [pscustomobject] @{ Token = 'ket_abc_def' } | New-KanadeInstallCommand -Server 'kanade.contoso.com:8480' -RequireSignature
        $made.Command | Should -BeLike '*curl.exe -kfsS https://kanade.contoso.com:8480/install.ps1)* -Server https://kanade.contoso.com:8480 -Token ket_abc_def -RequireSignature'
        $asked.Path | Should -Not -Contain '/enrolment-tokens'
    }

    It 'has no line with what would be run in it' {
        { New-KanadeInstallCommand -EnrolmentToken 'ket_1_2; calc' } | Should -Throw -ErrorId 'Kanade.invalid_token,New-KanadeInstallCommand'
        { Invoke-Private -Name Format-KanadeInstallCommand -With @{ Server = 'https://a/;calc'; Token = 'ket_1_2'; Sha256 = 'b' * 64 } } | Should -Throw -ErrorId 'Kanade.invalid_server'
        { Invoke-Private -Name Format-KanadeInstallCommand -With @{ Server = 'https://a'; Token = 'ket_1_2'; Sha256 = "'+(calc)+'" } } | Should -Throw -ErrorId 'Kanade.invalid_server'
    }

    It 'warns of a line that leads each PC to itself' {
        $env:KANADE_SERVER = 'http://127.0.0.1:8480'
        try {
            $null = New-KanadeInstallCommand -WarningVariable said -WarningAction SilentlyContinue
            "$said" | Should -BeLike '*-Server*'
        } finally {
            $env:KANADE_SERVER = 'https://kanade.example.com:8480'
        }
    }
}

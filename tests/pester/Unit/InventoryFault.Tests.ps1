BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Private.ps1')
    . (Join-Path $PSScriptRoot '../Support/Wait.ps1')
    . (Join-Path $PSScriptRoot '../Recorded/RecordedPc.ps1')

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
        # The gate opens when the tests are over: whoever waited for it would never come back.
        $fault = Invoke-Private Invoke-KanadeBounded @{ ScriptBlock = { param($Gate) $Gate.WaitOne() }; Parameter = @{ Gate = $script:gate }; TimeoutSec = 0.3 }
        $fault.Exception | Should -BeOfType ([System.TimeoutException])
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
        $message = & (Get-Module -Name Kanade) { Get-KanadeInventoryMessage -Section bios -TimeoutSec 1 } | ConvertFrom-Json
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
        # What waits for longer than any test, and nobody else so long; and what fails.
        $long = 1000000 + $PID
        $waits = @{ FilePath = 'sleep'; Arguments = "$long" }
        $fails = @{ FilePath = 'sh'; Arguments = '-c "echo why >&2; exit 3"' }
        if (-not [System.IO.Directory]::Exists('/proc/self')) {
            $waits = @{ FilePath = 'ping.exe'; Arguments = "-n $long 127.0.0.1" }
            $fails = @{ FilePath = 'cmd.exe'; Arguments = '/c "echo why 1>&2 & exit 3"' }
        }
    }

    It 'that does not end in time is ended' {
        $fault = Invoke-Private Invoke-KanadeNative ($waits + @{ TimeoutSec = 0.3 })
        Invoke-Private Get-KanadeFaultCode @{ ErrorRecord = $fault } | Should -Be 'timed_out'
        Wait-For { -not (Get-Process -Name 'sleep', 'ping' -ErrorAction Ignore | Where-Object -FilterScript { $_.CommandLine -like "*$long*" }) }
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

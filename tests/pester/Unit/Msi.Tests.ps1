BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Private.ps1')
    Mock -ModuleName Kanade -CommandName Get-KanadePlatform -MockWith { 'Windows' }
    Mock -ModuleName Kanade -CommandName Test-KanadeElevation -MockWith { $true }
    Mock -ModuleName Kanade -CommandName Wait-KanadePause -MockWith { $script:left-- -gt 0 }

    # An installation for which msiexec ends with these codes, one after another, the last of them for ever.
    function Install([int[]] $ExitCode, [hashtable] $With = @{}) {
        $script:codes = [System.Collections.Generic.Queue[int]]::new($ExitCode)
        $script:said = [System.Collections.Generic.List[string]]::new()
        $call = @{ Action = 'Install'; Package = 'C:\with space\a.msi'; LogPath = 'C:\logs\a.log' }
        foreach ($key in $With.Keys) { $call[$key] = $With[$key] }
        Invoke-Private -Name Invoke-KanadeMsi -With $call
    }
}

Describe 'A package of Windows Installer' {
    BeforeEach {
        $script:left = 3
        Mock -ModuleName Kanade -CommandName Invoke-KanadeMsiexec -MockWith {
            $script:said.Add($Argument)
            if ($script:codes.Count -gt 1) { $script:codes.Dequeue() } else { $script:codes.Peek() }
        }
    }

    It 'is installed without a window and without a restart, and says what it does to a log, but nothing of what it writes' {
        (Install 0).RestartNeeded | Should -BeFalse
        $said | Should -Be '/i "C:\with space\a.msi" /qn /norestart /liweaucmo "C:\logs\a.log"'
        $null = Install 0 @{ Action = 'Uninstall' }
        $said | Should -BeLike '/x *'
        $null = Install 0 @{ Action = 'Repair' }
        $said | Should -BeLike '/fa *'
    }

    It 'gets its properties whatever is in them' {
        $null = Install 0 @{ Property = @{ SERVER_URL = 'https://a'; Groups = 'A "b" C'; FOLDER = 'D:\x y\'; EMPTY = '' } }
        $said | Should -BeLike '* EMPTY="" FOLDER="D:\x y\" GROUPS="A ""b"" C" SERVER_URL="https://a"'
        { Install 0 @{ Property = @{ GROUPS = "a`nb" } } } | Should -Throw -ErrorId 'Kanade.argument_not_supported'
    }

    It 'that ends with <Code> is installed, and a restart is <Restart>' -ForEach @(
        @{ Code = 0; Restart = $false }
        @{ Code = 3010; Restart = $true }
        @{ Code = 1641; Restart = $true }
    ) {
        $done = Install $Code
        $done.ExitCode | Should -Be $Code
        $done.RestartNeeded | Should -Be $Restart
        $done.LogPath | Should -Be 'C:\logs\a.log'
    }

    It 'that ends with <Code> is the error <Id>' -ForEach @(
        @{ Code = 1602; Id = 'installation_cancelled' }
        @{ Code = 1603; Id = 'installation_failed' }
        @{ Code = 1605; Id = 'not_installed' }
        @{ Code = 1612; Id = 'package_unreadable' }
        @{ Code = 1619; Id = 'package_unreadable' }
        @{ Code = 1625; Id = 'installation_refused' }
        @{ Code = 1638; Id = 'other_version_installed' }
        @{ Code = -1; Id = 'installation_failed' }
    ) {
        $record = try { Install $Code } catch { $_ }
        $record.FullyQualifiedErrorId | Should -Be "Kanade.$Id"
        $record.Exception.Message | Should -BeLike "Install of 'C:\with space\a.msi' on this PC ended with $Code*"
        $record.Exception.Data['ExitCode'] | Should -Be $Code
        $record.Exception.Data['LogPath'] | Should -Be 'C:\logs\a.log'
    }

    It 'waits while another installation runs, for so long and no longer' {
        (Install 1618, 1618, 0).ExitCode | Should -Be 0
        $said.Count | Should -Be 3
        $script:left = 3
        { Install 1618 } | Should -Throw -ErrorId 'Kanade.installation_busy'
        $said.Count | Should -Be 4
    }

    It 'is not touched without Windows or without its administrator' {
        Mock -ModuleName Kanade -CommandName Test-KanadeElevation -MockWith { $false }
        { Install 0 } | Should -Throw -ErrorId 'Kanade.not_elevated'
        Mock -ModuleName Kanade -CommandName Get-KanadePlatform -MockWith { 'Linux' }
        { Install 0 } | Should -Throw -ErrorId 'Kanade.windows_needed'
        $said.Count | Should -Be 0
    }
}

# The module as it is installed.
BeforeAll {
    $root = Join-Path $PSScriptRoot '../../..'
    $version = (Import-PowerShellDataFile -Path (Join-Path $root 'Kanade.psd1')).ModuleVersion
    $pwsh = (Get-Process -Id $PID).Path
    $made = & (Join-Path $root 'build.ps1') -Task Module -Destination $TestDrive
    $path = $env:PSModulePath
    $env:PSModulePath = "$TestDrive" + [System.IO.Path]::PathSeparator + $path
}

AfterAll {
    $env:PSModulePath = $path
}

Describe 'The packed module' {
    It 'is a folder of its version, and a zip of it' {
        $made.FullName | Should -Be (Join-Path $TestDrive "Kanade/$version"), (Join-Path $TestDrive "Kanade-$version.zip")
        $before = (Get-FileHash -LiteralPath $made[1].FullName).Hash
        Expand-Archive -LiteralPath $made[1].FullName -DestinationPath (Join-Path $TestDrive 'unpacked')
        Get-Content -LiteralPath (Join-Path $TestDrive "unpacked/Kanade/$version/Kanade.psm1") -Raw | Should -BeExactly (Get-Content -LiteralPath (Join-Path $made[0].FullName 'Kanade.psm1') -Raw)
        $again = & (Join-Path $root 'build.ps1') Module -Destination (Join-Path $TestDrive 'again')
        (Get-FileHash -LiteralPath $again[1].FullName).Hash | Should -Be $before
    }

    It 'has another zip when its files were changed, as by a signature' {
        $place = Join-Path $TestDrive 'signed'
        $null = & (Join-Path $root 'build.ps1') Module -Destination $place
        Add-Content -LiteralPath (Join-Path $place "Kanade/$version/Kanade.psm1") -Value '# signed'
        $zip = & (Join-Path $root 'build.ps1') Zip -Destination $place
        Expand-Archive -LiteralPath $zip.FullName -DestinationPath (Join-Path $place 'unpacked')
        Get-Content -LiteralPath (Join-Path $place "unpacked/Kanade/$version/Kanade.psm1") -Tail 1 | Should -BeExactly '# signed'
    }

    It 'is found by the name of a command, with its help' {
        $said = & $pwsh -NoProfile -NonInteractive -Command {
            Get-KanadeContext
            $module = Get-Module -Name Kanade
            $module.ModuleBase
            @(Get-Command -Module Kanade).Count
            (Get-Help -Name about_Kanade) -match 'Invoke-KanadeExec'
            (Get-Help -Name Invoke-KanadeExec).Synopsis
        }
        $said[0] | Should -Be $made[0].FullName
        $said[1] | Should -Be (Import-PowerShellDataFile -Path (Join-Path $root 'Kanade.psd1')).FunctionsToExport.Count
        $said[2] | Should -Be 'True'
        $said[3] | Should -BeLike 'Runs a script block*'
    }

    It 'has every function there is, and knows where its files lie' {
        $names = { & (Get-Module -Name Kanade) { (Get-ChildItem -Path 'Function:\*-Kanade*').Name | Sort-Object } }
        $files = { & (Get-Module -Name Kanade) { (Get-ChildItem -LiteralPath $script:KanadeRoot).Name | Sort-Object } }
        Import-Module -Name (Join-Path $root 'Kanade.psd1') -Force
        $here = & $names
        # Of one name two modules could be loaded.
        Remove-Module -Name Kanade
        Import-Module -Name (Join-Path $made[0].FullName 'Kanade.psd1')
        & $names | Should -Be $here
        & $files | Should -Be ((Get-ChildItem -LiteralPath $made[0].FullName).Name | Sort-Object)
        Remove-Module -Name Kanade
    }

    It 'parses as one file' {
        $faults = $null
        $null = [System.Management.Automation.Language.Parser]::ParseFile((Join-Path $made[0].FullName 'Kanade.psm1'), [ref] $null, [ref] $faults)
        $faults | Should -BeNullOrEmpty
    }
}

Describe 'Packing all that is shipped' {
    It 'passes on what it does not know itself' -Skip:($env:OS -eq 'Windows_NT') {
        $folder = New-Item -ItemType Directory -Path (Join-Path $TestDrive 'npm')
        $npm = Join-Path $folder.FullName 'npm'
        Set-Content -LiteralPath $npm -Value "#!/bin/sh`nprintf '%s\n' `"`$@`""
        chmod +x $npm
        $before = $env:PATH
        $env:PATH = $folder.FullName + [System.IO.Path]::PathSeparator + $before
        try {
            & (Join-Path $root 'build.ps1') Pack -Destination $TestDrive --release-key 'a key.pem' --sign-cert cert.pem |
                Should -Be 'run', 'pack', '--', '--destination', "$TestDrive", '--release-key', 'a key.pem', '--sign-cert', 'cert.pem'
        } finally {
            $env:PATH = $before
        }
    }
}

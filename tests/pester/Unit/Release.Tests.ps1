BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Answers.ps1')

    function Release([string] $Version, [string] $Platform = 'win-x64', [bool] $Expired = $false) {
        [pscustomobject] @{
            release = "$($Version -replace '\.', '_')-$Platform"; version = $Version; platform = $Platform; serial = 1767322447; created_at = '2026-01-02T02:54:07Z'; expires_at = '2026-04-02T02:54:07Z'
            expired = $Expired; files = 200; bytes = 95000000; envelope_sha256 = 'a' * 64; signed_by = @('k1'); uploaded_at = '2026-01-03T03:04:05Z'; uploaded_by = 'admin'
        }
    }
}

Describe 'Releases' {
    BeforeEach {
        $script:asked = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Method = $Method; Path = $Path; InFile = $InFile })
            if ($InFile -like '*bad*') { return Refusal 'release_untrusted' -Status 409 }
            if ($Path -like '*/9_9_9-win-x64') { return Refusal 'not_found' -Status 404 }
            switch ($Method) {
                'POST' { return Release '1.2.0' }
                'DELETE' { return }
            }
            [pscustomobject] @{ items = @((Release '1.2.0'), (Release '1.1.0'), (Release '1.1.0' 'linux-x64' $true)) }
        }
    }

    It 'are listed, by id and by version' {
        $all = Get-KanadeRelease
        $all[0].PSObject.TypeNames[0] | Should -Be 'Kanade.Release'
        $all.Version | Should -Be '1.2.0', '1.1.0', '1.1.0'
        $all[0].ExpiresAt | Should -BeOfType ([datetime])
        $all[2].Expired, $all[2].Platform, $all[0].SignedBy[0] | Should -Be $true, 'linux-x64', 'k1'
        $all | Out-String -Width 120 | Should -BeLike '*1_2_0-win-x64 *1.2.0 *95000000*'
        (Get-KanadeRelease -ReleaseId 1.1.0).ReleaseId | Should -Be '1_1_0-win-x64', '1_1_0-linux-x64'
        ($all[0], 'x' | Get-KanadeRelease -ErrorVariable wrong -ErrorAction SilentlyContinue).ReleaseId | Should -Be '1_2_0-win-x64'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Get-KanadeRelease'
    }

    It 'are added from files, and what holds for one does not keep the others' {
        foreach ($name in 'a.release', 'bad.release', 'c.release', '[d].release') { Set-Content -LiteralPath (Join-Path $TestDrive $name) -Value $name }
        $added = Get-ChildItem -Path $TestDrive -Filter '*.release' | Sort-Object -Property Name | Add-KanadeRelease -ErrorVariable wrong -ErrorAction SilentlyContinue
        $added.ReleaseId | Should -Be '1_2_0-win-x64', '1_2_0-win-x64', '1_2_0-win-x64'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.release_untrusted,Add-KanadeRelease'
        $asked[0].Method, $asked[0].Path | Should -Be 'POST', '/releases'
        @($asked.InFile | Split-Path -Leaf) | Sort-Object | Should -Be (@('a.release', 'bad.release', 'c.release', '[d].release') | Sort-Object)
        $asked.Clear()
        Push-Location -LiteralPath $TestDrive
        try {
            $null = Add-KanadeRelease -Path 'a*.release', './none*', './none.release' -ErrorVariable missing -ErrorAction SilentlyContinue
        } finally {
            Pop-Location
        }
        @($asked.InFile) | Should -Be (Join-Path $TestDrive 'a.release')
        $missing.FullyQualifiedErrorId | Should -Be 'Kanade.file_not_found,Add-KanadeRelease', 'Kanade.file_not_found,Add-KanadeRelease'
    }

    It 'are removed by id and by version' {
        '1_2_0-win-x64', '9_9_9-win-x64', '1.1.0', '7.0.0' | Remove-KanadeRelease -Confirm:$false -ErrorVariable wrong -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        @($asked | Where-Object -FilterScript { $_.Method -eq 'DELETE' }).Path | Should -Be '/releases/1_2_0-win-x64', '/releases/9_9_9-win-x64', '/releases/1_1_0-win-x64', '/releases/1_1_0-linux-x64'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Remove-KanadeRelease', 'Kanade.not_found,Remove-KanadeRelease'
        $asked.Clear()
        Get-KanadeRelease | Where-Object -Property Expired | Remove-KanadeRelease -Confirm:$false
        $asked[-1].Path | Should -Be '/releases/1_1_0-linux-x64'
    }
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    $msi = Join-Path $TestDrive 'kanade-backend-1.2.3-x64.msi'
    Set-Content -LiteralPath $msi -Value 'a package'
    $data = Join-Path (Join-Path $TestDrive 'Kanade') 'Backend'
    $null = New-Item -ItemType Directory -Path (Join-Path $data 'tls') -Force
    Set-Content -LiteralPath (Join-Path $data 'admin.token') -Value 'kan_1_2'
    $key = [System.Security.Cryptography.RSA]::Create(2048)
    $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=Kanade', $key, 'SHA256', [System.Security.Cryptography.RSASignaturePadding]::Pkcs1)
    $certificate = $request.CreateSelfSigned([datetime]::UtcNow.AddDays(-1), [datetime]::UtcNow.AddDays(1))
    Set-Content -LiteralPath (Join-Path $data 'tls/ca.pem') -Value "-----BEGIN CERTIFICATE-----`n$([Convert]::ToBase64String($certificate.RawData, 'InsertLineBreaks'))`n-----END CERTIFICATE-----"
    $fingerprint = [System.BitConverter]::ToString([System.Security.Cryptography.SHA256]::Create().ComputeHash($certificate.RawData)).Replace('-', ':')
}

Describe 'Install-KanadeBackend' {
    BeforeEach {
        $script:told = @{ Version = '1.2.3'; Listen = '0.0.0.0:8480'; PublicName = 'kanade.example.com,10.0.0.5' }
        $script:exit = 0
        $script:asked = [System.Collections.Generic.List[string]]::new()
        $script:said = [System.Collections.Generic.List[string]]::new()
        Mock -ModuleName Kanade -CommandName Get-KanadePlatform -MockWith { 'Windows' }
        Mock -ModuleName Kanade -CommandName Test-KanadeElevation -MockWith { $true }
        Mock -ModuleName Kanade -CommandName Get-KanadeKnownFolder -MockWith { "$TestDrive" }
        Mock -ModuleName Kanade -CommandName Get-KanadeMachineValue -MockWith { $script:told }
        Mock -ModuleName Kanade -CommandName Invoke-KanadeMsiexec -MockWith {
            $script:said.Add($Argument)
            $script:exit
        }
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith { $script:asked.Add("$($Connection.Server) $([bool] $Connection.Ca)") }
    }

    It 'installs with what is said, waits until the backend answers its first admin, and tells where everything is' {
        $made = Install-KanadeBackend -Path $msi -PublicName kanade.example.com, 10.0.0.5 -BrokerListen 0.0.0.0:443
        $said | Should -BeLike "/i `"$msi`" /qn /norestart /liweaucmo `"*`" BROKER_LISTEN=`"0.0.0.0:443`" PUBLIC_NAME=`"kanade.example.com,10.0.0.5`""
        $asked | Should -Be 'https://localhost:8480/ True'
        $made.Version | Should -Be '1.2.3'
        $made.Url | Should -Be 'https://kanade.example.com:8480'
        $made.CaFile | Should -Be (Join-Path $data 'tls/ca.pem')
        $made.CaFingerprint | Should -Be $fingerprint
        $made.AdminTokenFile | Should -Be (Join-Path $data 'admin.token')
        $made.RestartNeeded | Should -BeFalse
    }

    It 'asks by http where it is for this server alone, and by the public name where the certificate is somebody''s' {
        $script:told = @{ Version = '1.2.3'; Listen = '127.0.0.1:8480' }
        (Install-KanadeBackend -Path $msi).Url | Should -Be 'http://127.0.0.1:8480'
        $script:told = @{ Version = '1.2.3'; Listen = '0.0.0.0:443'; PublicName = 'kanade.example.com'; TlsCert = 'C:\cert.pem' }
        $made = Install-KanadeBackend -Path $msi
        $made.CaFingerprint | Should -BeNullOrEmpty
        $asked | Should -Be 'http://127.0.0.1:8480/ False', 'https://kanade.example.com/ False'
    }

    It 'says that it was not ready in time, and that it is installed all the same' {
        Mock -ModuleName Kanade -CommandName Wait-KanadePause -MockWith { $false }
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith { [System.Management.Automation.ErrorRecord]::new([System.Exception]::new('away'), 'Kanade.unreachable', 'ConnectionError', $null) }
        $record = try { Install-KanadeBackend -Path $msi } catch { $_ }
        $record.FullyQualifiedErrorId | Should -Be 'Kanade.backend_not_ready,Install-KanadeBackend'
        $record.Exception.Message | Should -BeLike 'Kanade Backend is installed, and was not ready at https://localhost:8480 within 300 s.*'
    }

    It 'says what msiexec ended with, and what is not there' {
        $script:exit = 1603
        { Install-KanadeBackend -Path $msi } | Should -Throw -ErrorId 'Kanade.installation_failed,Install-KanadeBackend'
        { Install-KanadeBackend -Path (Join-Path $TestDrive 'none.msi') } | Should -Throw -ErrorId 'Kanade.file_not_found,Install-KanadeBackend'
        $script:exit = 3010
        (Install-KanadeBackend -Path $msi).RestartNeeded | Should -BeTrue
    }
}

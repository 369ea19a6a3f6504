BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force

    # A CA, and what it signs, made anew for each run.
    function Authority([string] $Name = "CN=Test CA $([guid]::NewGuid())") {
        $key = [System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256)
        $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new($Name, $key, 'SHA256')
        $request.CertificateExtensions.Add([System.Security.Cryptography.X509Certificates.X509BasicConstraintsExtension]::new($true, $false, 0, $true))
        $request.CreateSelfSigned([System.DateTimeOffset]::Now.AddDays(-30), [System.DateTimeOffset]::Now.AddDays(30))
    }

    function ServerCertificate([System.Security.Cryptography.X509Certificates.X509Certificate2] $Ca, [string] $Address = '127.0.0.1', [int] $From = -1, [int] $To = 1) {
        $key = [System.Security.Cryptography.ECDsa]::Create([System.Security.Cryptography.ECCurve+NamedCurves]::nistP256)
        $request = [System.Security.Cryptography.X509Certificates.CertificateRequest]::new('CN=server', $key, 'SHA256')
        $names = [System.Security.Cryptography.X509Certificates.SubjectAlternativeNameBuilder]::new()
        $names.AddIpAddress($Address)
        $request.CertificateExtensions.Add($names.Build($false))
        $serial = [guid]::NewGuid().ToByteArray()
        $serial[0] = 1
        $made = $request.Create($Ca, [System.DateTimeOffset]::Now.AddDays($From), [System.DateTimeOffset]::Now.AddDays($To), $serial)
        # Windows serves no certificate whose key lies in memory alone.
        $whole = [System.Security.Cryptography.X509Certificates.ECDsaCertificateExtensions]::CopyWithPrivateKey($made, $key)
        [System.Security.Cryptography.X509Certificates.X509Certificate2]::new($whole.Export('Pfx', 'x'), 'x')
    }

    function Pem([System.Security.Cryptography.X509Certificates.X509Certificate2] $Certificate) {
        "-----BEGIN CERTIFICATE-----`n$([Convert]::ToBase64String($Certificate.RawData, 'InsertLineBreaks'))`n-----END CERTIFICATE-----"
    }

    # Answers every request with an empty list, over TLS when there is a certificate; Heard is what it was sent.
    function Server([System.Security.Cryptography.X509Certificates.X509Certificate2] $Certificate) {
        $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $heard = [System.Collections.Concurrent.ConcurrentQueue[string]]::new()
        $shell = [powershell]::Create()
        $null = $shell.AddScript({
                param($Listener, $Certificate, $Heard)
                while ($true) {
                    try { $client = $Listener.AcceptTcpClient() } catch { return }
                    try {
                        $stream = $client.GetStream()
                        if ($null -ne $Certificate) {
                            $stream = [System.Net.Security.SslStream]::new($stream)
                            $stream.AuthenticateAsServer($Certificate, $false, 'Tls12', $false)
                        }
                        $bytes = [byte[]]::new(8192)
                        $count = $stream.Read($bytes, 0, $bytes.Length)
                        if ($count -gt 0) { $Heard.Enqueue([System.Text.Encoding]::ASCII.GetString($bytes, 0, $count)) }
                        $body = '{"items":[],"next":null}'
                        $answer = [System.Text.Encoding]::ASCII.GetBytes("HTTP/1.1 200 OK`r`nContent-Type: application/json`r`nContent-Length: $($body.Length)`r`nConnection: close`r`n`r`n$body")
                        $stream.Write($answer, 0, $answer.Length)
                        $stream.Flush()
                    } catch {
                        # The client has refused the certificate.
                        continue
                    } finally {
                        $client.Dispose()
                    }
                }
            }).AddArgument($listener).AddArgument($Certificate).AddArgument($heard)
        $null = $shell.BeginInvoke()
        [pscustomobject] @{ Url = "https://127.0.0.1:$($listener.LocalEndpoint.Port)"; Heard = $heard; Listener = $listener; Shell = $shell }
    }

    $ca = Authority
    $caFile = Join-Path $TestDrive 'ca.pem'
    [System.IO.File]::WriteAllText($caFile, (Pem $ca))
    $token = [System.Net.NetworkCredential]::new('', 'secret').SecurePassword
}

Describe 'A backend with a CA of its own' {
    BeforeEach {
        $script:before = @{ Server = $env:KANADE_SERVER; Token = $env:KANADE_TOKEN; Ca = $env:KANADE_TLS_CA }
        $env:KANADE_SERVER = $env:KANADE_TOKEN = $env:KANADE_TLS_CA = ''
        Mock -ModuleName Kanade -CommandName Get-KanadeContextFolder -MockWith { Join-Path $TestDrive 'contexts' }
        Mock -ModuleName Kanade -CommandName Start-Sleep -MockWith { }
        $script:server = $null
    }

    AfterEach {
        Disconnect-Kanade
        InModuleScope -ModuleName Kanade -ScriptBlock { $script:KanadeContexts = @{} }
        if ($null -ne $server) {
            $server.Listener.Stop()
            $server.Shell.Dispose()
        }
        $env:KANADE_SERVER = $before.Server
        $env:KANADE_TOKEN = $before.Token
        $env:KANADE_TLS_CA = $before.Ca
    }

    It 'is connected with by -CaFile, which is shown by name' {
        $script:server = Server (ServerCertificate $ca)
        (Connect-Kanade -Server $server.Url -CaFile $caFile -Token $token).Ca | Should -Be $ca.Subject
        Get-KanadeAgent | Should -BeNullOrEmpty
        $server.Heard.Count | Should -Be 2
    }

    It 'is connected with by the file that KANADE_TLS_CA names, also without Connect-Kanade' {
        $script:server = Server (ServerCertificate $ca)
        $env:KANADE_SERVER = $server.Url
        $env:KANADE_TOKEN = 'secret'
        $env:KANADE_TLS_CA = $caFile
        Get-KanadeAgent | Should -BeNullOrEmpty
        (Connect-Kanade).Ca | Should -Be $ca.Subject
    }

    It 'is stored with its CA, which goes to no other server' {
        Mock -ModuleName Kanade -CommandName Get-KanadeTokenStore -MockWith { [pscustomobject] @{ Store = 'Dpapi'; Vault = $null } }
        Mock -ModuleName Kanade -CommandName Protect-KanadeToken -MockWith { 'x' }
        Mock -ModuleName Kanade -CommandName Unprotect-KanadeToken -MockWith { [System.Net.NetworkCredential]::new('', 'secret').SecurePassword }
        $script:server = Server (ServerCertificate $ca)
        $null = Connect-Kanade -Name own -Server $server.Url -CaFile $caFile -Token $token -Save
        InModuleScope -ModuleName Kanade -ScriptBlock {
            $script:KanadeContext = $null
            $script:KanadeContexts = @{}
        }
        (Get-KanadeContext -Name own).Ca | Should -Be $ca.Subject
        (Connect-Kanade -Name own).Ca | Should -Be $ca.Subject
        { Connect-Kanade -Name own -Server $server.Url.Replace('127.0.0.1', 'localhost') -Token $token } | Should -Throw -ErrorId 'Kanade.certificate_*'
    }

    It 'is refused without its CA, and the token stays here' {
        $script:server = Server (ServerCertificate $ca)
        { Connect-Kanade -Server $server.Url -Token $token } | Should -Throw -ErrorId 'Kanade.certificate_untrusted,Connect-Kanade' -ExpectedMessage '*-CaFile*'
        $server.Heard | Should -BeNullOrEmpty
    }

    It 'is refused when the certificate is <What>: <Code>' -ForEach @(
        @{ What = 'of another CA'; Code = 'certificate_untrusted'; Make = { ServerCertificate (Authority) } }
        @{ What = 'of another CA that is called the same'; Code = 'certificate_untrusted'; Make = { ServerCertificate (Authority $ca.Subject) } }
        @{ What = 'its own CA'; Code = 'certificate_untrusted'; Make = { Authority 'CN=127.0.0.1' } }
        @{ What = 'over'; Code = 'certificate_expired'; Make = { ServerCertificate $ca -From -3 -To -2 } }
        @{ What = 'of tomorrow'; Code = 'certificate_expired'; Make = { ServerCertificate $ca -From 1 -To 2 } }
        @{ What = 'for another server'; Code = 'certificate_wrong_name'; Make = { ServerCertificate $ca -Address '10.0.0.1' } }
        @{ What = 'missing'; Code = 'tls_missing'; Make = { } }
    ) {
        $script:server = Server (& $Make)
        $thrown = { Connect-Kanade -Server $server.Url -CaFile $caFile -Token $token } | Should -Throw -ErrorId "Kanade.$Code,Connect-Kanade" -PassThru
        $thrown.CategoryInfo.Category | Should -Be 'SecurityError'
        $server.Heard -join '' | Should -Not -Match 'secret|Authorization'
    }

    It 'is not asked again, and no events are waited for, when its certificate is refused' {
        $script:server = Server (ServerCertificate (Authority))
        $parameters = @{ Url = $server.Url; Ca = Pem $ca }
        $thrown = {
            InModuleScope -ModuleName Kanade -Parameters $parameters -ScriptBlock {
                param($Url, $Ca)
                Watch-KanadeEvent -Uri "$Url/x" -Token (ConvertTo-KanadeSecureString -Text 'secret') -Ca $Ca
            }
        } | Should -Throw -PassThru
        $thrown.FullyQualifiedErrorId | Should -BeLike 'Kanade.certificate_untrusted*'
        Should -Invoke -ModuleName Kanade -CommandName Start-Sleep -Times 0 -Exactly
    }

    It 'is not connected with by a file that is not there or holds no certificate' {
        { Connect-Kanade -Server https://127.0.0.1:1 -CaFile (Join-Path $TestDrive 'none.pem') -Token $token } | Should -Throw -ErrorId 'Kanade.file_not_found,Connect-Kanade'
        $empty = Join-Path $TestDrive 'empty.pem'
        Set-Content -LiteralPath $empty -Value 'nothing'
        { Connect-Kanade -Server https://127.0.0.1:1 -CaFile $empty -Token $token } | Should -Throw -ErrorId 'Kanade.ca_unreadable,Connect-Kanade'
    }

    It 'keeps out of the context what else stands in the file' {
        $both = Join-Path $TestDrive 'both.pem'
        [System.IO.File]::WriteAllText($both, "-----BEGIN PRIVATE KEY-----`nAAAA`n-----END PRIVATE KEY-----`n$(Pem $ca)")
        $read = InModuleScope -ModuleName Kanade -Parameters @{ Path = $both } -ScriptBlock {
            param($Path)
            Read-KanadeCa -LiteralPath $Path
        }
        $read | Should -Not -Match 'PRIVATE'
        $read | Should -Match 'CERTIFICATE'
    }
}

Describe 'A backend in the clear' {
    It 'is asked by nobody in between, whatever proxy there is' {
        $direct = Server
        $between = Server
        $before = [System.Net.WebRequest]::DefaultWebProxy
        try {
            [System.Net.WebRequest]::DefaultWebProxy = [System.Net.WebProxy]::new($between.Url.Replace('https:', 'http:'))
            $null = Connect-Kanade -Server $direct.Url.Replace('https:', 'http:') -Token $token
            Get-KanadeAgent | Should -BeNullOrEmpty
            $direct.Heard.Count | Should -Be 2
            $between.Heard.Count | Should -Be 0
        } finally {
            [System.Net.WebRequest]::DefaultWebProxy = $before
            Disconnect-Kanade
            foreach ($one in $direct, $between) {
                $one.Listener.Stop()
                $one.Shell.Dispose()
            }
        }
    }
}

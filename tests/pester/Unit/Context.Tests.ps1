BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
}

Describe 'Connecting' {
    BeforeEach {
        $script:before = @{ Server = $env:KANADE_SERVER; Token = $env:KANADE_TOKEN }
        $env:KANADE_SERVER = ''
        $env:KANADE_TOKEN = ''
        Disconnect-Kanade
        Mock -ModuleName Kanade -CommandName Send-KanadeRequest -MockWith {
            $script:seen = @{ Uri = $Uri; Token = [System.Net.NetworkCredential]::new('', $Token).Password }
            [pscustomobject] @{ Status = 200; MediaType = 'application/json'; RetryAfter = 0; Body = [System.Text.Encoding]::UTF8.GetBytes('{"items":[],"next":null}') }
        }
    }

    AfterEach {
        Disconnect-Kanade
        $env:KANADE_SERVER = $before.Server
        $env:KANADE_TOKEN = $before.Token
    }

    It 'takes the token as a secure string, or as the password of a credential' {
        $secret = [System.Net.NetworkCredential]::new('', 't1').SecurePassword
        (Connect-Kanade -Server kanade.example.com -Token $secret).Server | Should -Be 'https://kanade.example.com/'
        $seen.Token | Should -Be 't1'
        $null = Connect-Kanade -Server kanade.example.com -Credential ([pscredential]::new('anybody', $secret))
        $seen.Token | Should -Be 't1'
        (Get-KanadeContext).PSObject.Properties.Name | Should -Not -Contain 'Token'
        Disconnect-Kanade
        Get-KanadeContext | Should -BeNullOrEmpty
    }

    It 'takes both from the environment, also without being asked to' {
        $env:KANADE_SERVER = 'http://127.0.0.1:8480/'
        $env:KANADE_TOKEN = "t2`n"
        Get-KanadeAgent | Should -BeNullOrEmpty
        $seen.Token | Should -Be 't2'
        (Connect-Kanade).Server | Should -Be 'http://127.0.0.1:8480/'
    }

    It 'is refused without a token, with an address that is none, and in the clear over a network' {
        $secret = [System.Net.NetworkCredential]::new('', 't').SecurePassword
        { Connect-Kanade } | Should -Throw -ErrorId 'Kanade.token_missing,Connect-Kanade'
        { Connect-Kanade -Server 'ftp://x' -Token $secret } | Should -Throw -ErrorId 'Kanade.invalid_server,Connect-Kanade'
        { Connect-Kanade -Server 'http://kanade.example.com' -Token $secret } | Should -Throw -ErrorId 'Kanade.unencrypted_server,Connect-Kanade'
        (Connect-Kanade -Server 'http://kanade.example.com' -Token $secret -AllowUnencrypted).Server | Should -Be 'http://kanade.example.com/'
    }

    It 'that fails leaves the connection that was there' {
        $secret = [System.Net.NetworkCredential]::new('', 't').SecurePassword
        $null = Connect-Kanade -Server one.example.com -Token $secret
        Mock -ModuleName Kanade -CommandName Send-KanadeRequest -MockWith {
            [pscustomobject] @{ Status = 401; MediaType = 'text/html'; RetryAfter = 0; Body = [byte[]] @(); Failure = $null }
        }
        { Connect-Kanade -Server two.example.com -Token $secret } | Should -Throw -ErrorId 'Kanade.http_401,Connect-Kanade'
        (Get-KanadeContext).Server.Host | Should -Be 'one.example.com'
    }

    It 'is what every command asks for' {
        { Get-KanadeAgent } | Should -Throw -ErrorId 'Kanade.not_connected,Get-KanadeAgent'
    }
}

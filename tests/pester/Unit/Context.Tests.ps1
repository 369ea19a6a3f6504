BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
}

Describe 'Connecting' {
    BeforeEach {
        $script:before = @{ Server = $env:KANADE_SERVER; Token = $env:KANADE_TOKEN }
        $env:KANADE_SERVER = ''
        $env:KANADE_TOKEN = ''
        Disconnect-Kanade
        Mock -ModuleName Kanade -CommandName Get-KanadeContextFolder -MockWith { Join-Path $TestDrive 'none' }
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
        $shown = Get-KanadeContext
        $shown.Server, $shown.Name, $shown.Current | Should -Be 'http://127.0.0.1:8480/', 'environment', $true
        $shown.PSObject.Properties.Name | Should -Not -Contain 'Token'
        Get-KanadeContext -ListAvailable | Should -BeNullOrEmpty
        (Connect-Kanade).Server | Should -Be 'http://127.0.0.1:8480/'
    }

    It 'is refused without a token, with an address that is none, and in the clear over a network' {
        $secret = [System.Net.NetworkCredential]::new('', 't').SecurePassword
        { Connect-Kanade } | Should -Throw -ErrorId 'Kanade.token_missing,Connect-Kanade'
        { Connect-Kanade -Server 'ftp://x' -Token $secret } | Should -Throw -ErrorId 'Kanade.invalid_server,Connect-Kanade'
        { Connect-Kanade -Server 'http://kanade.example.com' -Token $secret } | Should -Throw -ErrorId 'Kanade.unencrypted_server,Connect-Kanade'
        (Connect-Kanade -Server 'http://kanade.example.com' -Token $secret -AllowUnencrypted).Server | Should -Be 'http://kanade.example.com/'
    }

    It 'sends the token of the environment to the server of the environment only' {
        $env:KANADE_TOKEN = 't3'
        (Connect-Kanade).Server | Should -Be 'http://127.0.0.1:8480/'
        (Connect-Kanade -Server http://127.0.0.1:8490).Server | Should -Be 'http://127.0.0.1:8490/'
        $script:seen = $null
        { Connect-Kanade -Server other.example.com } | Should -Throw -ErrorId 'Kanade.token_missing,Connect-Kanade' -ExpectedMessage '*KANADE_SERVER*'
        $env:KANADE_SERVER = 'kanade.example.com'
        foreach ($server in 'other.example.com', 'http://127.0.0.1:8480', 'kanade.example.com:444') {
            { Connect-Kanade -Server $server } | Should -Throw -ErrorId 'Kanade.token_missing,Connect-Kanade'
        }
        $seen | Should -BeNullOrEmpty
        $null = Connect-Kanade -Server https://Kanade.example.com/
        $seen.Uri.Host, $seen.Token | Should -Be 'kanade.example.com', 't3'
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

Describe 'Contexts' {
    BeforeEach {
        $script:before = @{ Server = $env:KANADE_SERVER; Token = $env:KANADE_TOKEN }
        $env:KANADE_SERVER = ''
        $env:KANADE_TOKEN = ''
        $script:folder = Join-Path $TestDrive ([guid]::NewGuid())
        $script:requests = [System.Collections.ArrayList]::new()
        $secret = { param($Text) [System.Net.NetworkCredential]::new('', $Text).SecurePassword }
        # As in a session that has just begun.
        $again = {
            InModuleScope -ModuleName Kanade -ScriptBlock {
                $script:KanadeContext = $null
                $script:KanadeContexts = @{}
            }
        }
        Mock -ModuleName Kanade -CommandName Get-KanadeContextFolder -MockWith { $script:folder }
        Mock -ModuleName Kanade -CommandName Get-KanadeTokenStore -MockWith { [pscustomobject] @{ Store = 'Dpapi'; Vault = $null } }
        # DPAPI is not everywhere: what it would give is text that says nothing.
        Mock -ModuleName Kanade -CommandName Protect-KanadeToken -MockWith { [Convert]::ToBase64String([System.Text.Encoding]::Unicode.GetBytes([System.Net.NetworkCredential]::new('', $Token).Password)) }
        Mock -ModuleName Kanade -CommandName Unprotect-KanadeToken -MockWith { [System.Net.NetworkCredential]::new('', [System.Text.Encoding]::Unicode.GetString([Convert]::FromBase64String($Protected))).SecurePassword }
        Mock -ModuleName Kanade -CommandName Send-KanadeRequest -MockWith {
            $null = $script:requests.Add("$($Uri.Host) $([System.Net.NetworkCredential]::new('', $Token).Password)")
            [pscustomobject] @{ Status = 200; MediaType = 'application/json'; RetryAfter = 0; Body = [System.Text.Encoding]::UTF8.GetBytes('{"items":[],"next":null}') }
        }
        & $again
    }

    AfterEach {
        $env:KANADE_SERVER = $before.Server
        $env:KANADE_TOKEN = $before.Token
        & $again
    }

    It 'are several in a session, and commands talk to the one that was connected last' {
        $null = Connect-Kanade -Name test -Server test.example.com -Token (& $secret 't1')
        $null = Connect-Kanade -Name prod -Server prod.example.com -Token (& $secret 't2')
        $null = Get-KanadeAgent
        (Connect-Kanade -Name TEST).Server.Host | Should -Be 'test.example.com'
        $null = Get-KanadeAgent
        $requests | Should -Be 'test.example.com t1', 'prod.example.com t2', 'prod.example.com t2', 'test.example.com t1', 'test.example.com t1'
        $all = Get-KanadeContext -ListAvailable
        $all.Name | Should -Be 'prod', 'test'
        $all.Current | Should -Be $false, $true
        Disconnect-Kanade
        Get-KanadeContext | Should -BeNullOrEmpty
        (Get-KanadeContext -Name p*).Name | Should -Be 'prod'
        Test-Path -LiteralPath $folder | Should -BeFalse
    }

    It 'are stored when that is asked for, and are there in the next session' {
        (Connect-Kanade -Name prod -Server prod.example.com -Token (& $secret 't2') -Save).Stored | Should -Be 'Dpapi'
        $file = Get-ChildItem -LiteralPath $folder
        $file.Name | Should -Be 'prod.json'
        Get-Content -LiteralPath $file.FullName -Raw | Should -Not -Match 't2'
        & $again
        Get-KanadeContext | Should -BeNullOrEmpty
        $shown = Get-KanadeContext -ListAvailable
        $shown.Name, "$($shown.Server)", $shown.Stored, $shown.Current | Should -Be 'prod', 'https://prod.example.com/', 'Dpapi', $false
        $null = Connect-Kanade -Name Prod
        $requests[-1] | Should -Be 'prod.example.com t2'
    }

    It 'without a name are what Connect-Kanade alone takes, unless the environment says otherwise' {
        $null = Connect-Kanade -Server one.example.com -Token (& $secret 't1') -Save
        & $again
        (Connect-Kanade).Name | Should -Be 'default'
        $requests[-1] | Should -Be 'one.example.com t1'
        & $again
        $env:KANADE_SERVER = 'http://127.0.0.1:8480'
        $env:KANADE_TOKEN = 'of the environment'
        $null = Connect-Kanade
        $requests[-1] | Should -Be '127.0.0.1 of the environment'
    }

    It 'never send a token to another server than their own' {
        $null = Connect-Kanade -Name prod -Server prod.example.com -Token (& $secret 't2') -Save
        { Connect-Kanade -Name prod -Server other.example.com } | Should -Throw -ErrorId 'Kanade.token_missing,Connect-Kanade'
        $null = Connect-Kanade -Name prod -Token (& $secret 'new')
        $requests[-1] | Should -Be 'prod.example.com new'
    }

    It 'that are not known are an error, and not another one that is' {
        $env:KANADE_SERVER = 'http://127.0.0.1:8480'
        $env:KANADE_TOKEN = 't'
        { Connect-Kanade -Name prdo } | Should -Throw -ErrorId 'Kanade.context_not_found,Connect-Kanade'
        { Get-KanadeContext -Name prdo -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.context_not_found,Get-KanadeContext'
        { Disconnect-Kanade -Name prdo -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.context_not_found,Disconnect-Kanade'
        $requests.Count | Should -Be 0
    }

    It 'are neither connected nor stored with -WhatIf' {
        Connect-Kanade -Server one.example.com -Token (& $secret 't') -Save -WhatIf | Should -BeNullOrEmpty
        Get-KanadeContext -ListAvailable | Should -BeNullOrEmpty
        $requests.Count | Should -Be 0
        Test-Path -LiteralPath $folder | Should -BeFalse
    }

    It 'are not stored where nothing protects the token' {
        Mock -ModuleName Kanade -CommandName Get-KanadeTokenStore -MockWith { }
        (Connect-Kanade -Server one.example.com -Token (& $secret 't') -Save -WarningVariable warned -WarningAction SilentlyContinue).Stored | Should -BeNullOrEmpty
        "$warned" | Should -BeLike 'Nothing was stored*'
        Test-Path -LiteralPath $folder | Should -BeFalse
    }

    It 'are forgotten by name, in the session and on disk' {
        foreach ($name in 'prod', 'test') { $null = Connect-Kanade -Name $name -Server "$name.example.com" -Token (& $secret 't') -Save }
        Disconnect-Kanade -Name prod -WhatIf
        (Get-KanadeContext -ListAvailable).Count | Should -Be 2
        Disconnect-Kanade -Name prod
        (Get-ChildItem -LiteralPath $folder).Name | Should -Be 'test.json'
        (Get-KanadeContext).Name | Should -Be 'test'
        Get-KanadeContext -ListAvailable | Disconnect-Kanade
        Get-ChildItem -LiteralPath $folder | Should -BeNullOrEmpty
        Get-KanadeContext | Should -BeNullOrEmpty
    }

    It 'that cannot be read are said so, and the others are shown' {
        $null = Connect-Kanade -Name prod -Server prod.example.com -Token (& $secret 't2') -Save
        Set-Content -LiteralPath (Join-Path $folder 'bad.json') -Value '{'
        & $again
        (Get-KanadeContext -ListAvailable -WarningVariable warned -WarningAction SilentlyContinue).Name | Should -Be 'prod'
        "$warned" | Should -BeLike 'The context bad cannot be read*'
        Mock -ModuleName Kanade -CommandName Unprotect-KanadeToken -MockWith { throw 'Key not valid for use in specified state.' }
        { Connect-Kanade -Name prod -WarningAction SilentlyContinue } | Should -Throw -ErrorId 'Kanade.context_unreadable,Connect-Kanade'
    }

    It 'never lie on disk in the clear where there is no DPAPI' {
        # The real one, and not the mock before it.
        $real = InModuleScope -ModuleName Kanade -ScriptBlock { (Get-Item -Path Function:\Protect-KanadeToken).ScriptBlock }
        $private = { & $real -Token (& $secret 't') }
        if ([System.Environment]::OSVersion.Platform -eq 'Win32NT') { & $private | Should -Not -Match 't' }
        else { $private | Should -Throw -ErrorId 'Kanade.dpapi_missing*' }
    }
}

Describe 'Contexts with SecretManagement' {
    BeforeAll {
        # A stand-in: the commands of that module, with a vault in memory.
        $folder = New-Item -ItemType Directory -Path (Join-Path $TestDrive 'modules/Microsoft.PowerShell.SecretManagement')
        Set-Content -LiteralPath (Join-Path $folder 'Microsoft.PowerShell.SecretManagement.psm1') -Value @'
$secrets = @{}
function Get-SecretVault { [pscustomobject] @{ Name = 'other'; IsDefault = $false }; [pscustomobject] @{ Name = 'mine'; IsDefault = $true } }
function Set-Secret { [CmdletBinding()] param($Name, $Vault, $Secret) $secrets["$Vault/$Name"] = $Secret }
function Get-Secret { [CmdletBinding()] param($Name, $Vault) if ($secrets.ContainsKey("$Vault/$Name")) { $secrets["$Vault/$Name"] } else { throw "The secret $Name was not found." } }
function Remove-Secret { [CmdletBinding()] param($Name, $Vault) $secrets.Remove("$Vault/$Name") }
function Get-It { $secrets }
'@
        $path = $env:PSModulePath
        $env:PSModulePath = (Split-Path -Path $folder) + [System.IO.Path]::PathSeparator + $path
        $store = Join-Path $TestDrive 'contexts'
        $token = [System.Net.NetworkCredential]::new('', 't1').SecurePassword
        Mock -ModuleName Kanade -CommandName Get-KanadeContextFolder -MockWith { $store }
        Mock -ModuleName Kanade -CommandName Send-KanadeRequest -MockWith {
            $script:seen = [System.Net.NetworkCredential]::new('', $Token).Password
            [pscustomobject] @{ Status = 200; MediaType = 'application/json'; RetryAfter = 0; Body = [System.Text.Encoding]::UTF8.GetBytes('{"items":[],"next":null}') }
        }
    }

    AfterAll {
        $env:PSModulePath = $path
        Remove-Module -Name Microsoft.PowerShell.SecretManagement -ErrorAction SilentlyContinue
    }

    It 'lie in the default vault, on every platform, and go with their name' {
        (Connect-Kanade -Name Vaulted -Server prod.example.com -Token $token -Save).Stored | Should -Be 'SecretManagement'
        Get-Content -LiteralPath (Join-Path $store 'vaulted.json') -Raw | Should -Not -Match 't1'
        $kept = (& (Get-Module -Name Microsoft.PowerShell.SecretManagement) { Get-It })['mine/Kanade.vaulted']
        $kept.UserName, $kept.GetNetworkCredential().Password | Should -Be 'https://prod.example.com/', 't1'
        InModuleScope -ModuleName Kanade -ScriptBlock {
            $script:KanadeContext = $null
            $script:KanadeContexts = @{}
        }
        $null = Connect-Kanade -Name vaulted
        $seen | Should -Be 't1'
        Disconnect-Kanade -Name vaulted
        (& (Get-Module -Name Microsoft.PowerShell.SecretManagement) { Get-It }).Count | Should -Be 0
        Get-KanadeContext -ListAvailable | Should -BeNullOrEmpty
    }

    It 'are not taken when the vault holds another server than the file says' {
        $null = Connect-Kanade -Name moved -Server prod.example.com -Token $token -Save
        $file = Join-Path $store 'moved.json'
        Set-Content -LiteralPath $file -Value (Get-Content -LiteralPath $file -Raw).Replace('prod.example.com', 'evil.example.com')
        InModuleScope -ModuleName Kanade -ScriptBlock {
            $script:KanadeContext = $null
            $script:KanadeContexts = @{}
        }
        $script:seen = ''
        { Connect-Kanade -Name moved } | Should -Throw -ErrorId 'Kanade.context_unreadable,Connect-Kanade'
        $seen | Should -Be ''
        Disconnect-Kanade -Name moved
    }
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force

    function Answer([int] $Status, [string] $Json, [string] $MediaType = 'application/json', [int] $RetryAfter = 0) {
        [pscustomobject] @{ Status = $Status; MediaType = $MediaType; RetryAfter = $RetryAfter; Body = [System.Text.Encoding]::UTF8.GetBytes($Json) }
    }

    function NoAnswer([System.Exception] $Failure) {
        [pscustomobject] @{ Status = 0; Failure = $Failure }
    }

    function Problem([int] $Status, [string] $Code, [string] $More = '') {
        Answer $Status ('{"title":"A title","detail":"what is wrong","code":"' + $Code + '","request_id":"r1"' + $More + '}') 'application/problem+json'
    }

    function Invoke-It {
        param([hashtable] $With)
        InModuleScope -ModuleName Kanade -Parameters @{ With = $With } -ScriptBlock {
            param($With)
            $script:KanadeContext = [pscustomobject] @{ Server = [uri] 'https://kanade.test'; Token = ConvertTo-KanadeSecureString -Text 'secret'; Ca = $null }
            try { Invoke-KanadeRestMethod @With } finally { $script:KanadeContext = $null }
        }
    }
}

Describe 'What is sent' {
    BeforeEach {
        $script:sent = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Start-Sleep -MockWith { }
        Mock -ModuleName Kanade -CommandName Send-KanadeRequest -MockWith {
            $null = $script:sent.Add(@{ Uri = $Uri; Method = $Method; Body = $Body; Headers = $Headers; ContentType = $ContentType; Accept = $Accept })
            Answer 200 '{"ok":true}'
        }
    }

    It 'goes below /api/v1 with an escaped query, without what is null' {
        $null = Invoke-It -With @{ Path = '/agents'; Query = @{ q = 'a b&c'; os = $null } }
        $sent[0].Uri.AbsoluteUri | Should -Be 'https://kanade.test/api/v1/agents?q=a%20b%26c'
    }

    It 'is UTF-8' {
        $null = Invoke-It -With @{ Path = '/x'; Method = 'POST'; Body = @{ text = [string] [char] 0x65E5 } }
        $text = [System.Text.Encoding]::UTF8.GetString($sent[0].Body)
        ($text | ConvertFrom-Json).text | Should -Be ([string] [char] 0x65E5)
    }

    It 'is told with -Verbose, with what came of it' {
        $told = & { Invoke-It -With @{ Path = '/agents'; Query = @{ q = 'a' }; Verbose = $true } } 4>&1 | Where-Object -FilterScript { $_ -is [System.Management.Automation.VerboseRecord] }
        @($told).Count | Should -Be 1
        "$told" | Should -Match '^GET /api/v1/agents\?q=a: 200 in \d+ ms$'
        "$told" | Should -Not -BeLike '*secret*'
    }

    It 'is text as it is, when it is given as text, with what it is and on which condition' {
        $text = "# $([char] 0x65E5)`r`nid: a"
        $null = Invoke-It -With @{ Path = '/x'; Method = 'PUT'; Text = $text; ContentType = 'application/yaml'; Header = @{ 'If-Match' = '"4"' }; Accept = 'application/yaml' }
        [System.Text.Encoding]::UTF8.GetString($sent[0].Body) | Should -BeExactly $text
        $sent[0].ContentType | Should -Be 'application/yaml; charset=utf-8'
        $sent[0].Headers['If-Match'] | Should -Be '"4"'
        $sent[0].Accept | Should -Be 'application/yaml'
    }
}

Describe 'What is answered' {
    BeforeEach {
        $script:answers = [System.Collections.Queue]::new()
        $script:uris = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Start-Sleep -MockWith { }
        Mock -ModuleName Kanade -CommandName Send-KanadeRequest -MockWith {
            $null = $script:uris.Add($Uri.AbsoluteUri)
            $next = $script:answers.Dequeue()
            $next
        }
    }

    It 'is read as UTF-8, and text that looks like a date stays text' {
        $answers.Enqueue((Answer 200 ('{"text":"M' + [char] 0xFC + 'ller","at":"2024-01-02T03:04:05Z"}')))
        $value = Invoke-It -With @{ Path = '/x' }
        $value.text | Should -Be ('M' + [char] 0xFC + 'ller')
        $value.at | Should -BeExactly '2024-01-02T03:04:05Z'
    }

    It 'has no dates where ConvertFrom-Json can make nothing else of them either' {
        Mock -ModuleName Kanade -CommandName Get-Command -MockWith { [pscustomobject] @{ Parameters = @{} } }
        $times = '2024-01-02T03:04:05Z', '2024-01-02T03:04:05.123+01:00', '2024-01-02T03:04:05', '/Date(1)/', '2024-01-02', 'at "2024-01-02T03:04:05Z"', "a`n2024-01-02T03:04:05Z"
        $sent = [ordered] @{ text = $times[0]; list = @($times); '2024-01-02T03:04:05Z' = 1; deep = @(@{ at = @($times[1], 2, $null, $true) }); none = $null; empty = @() }
        $answers.Enqueue((Answer 200 (ConvertTo-Json -InputObject $sent -Depth 9)))
        $value = Invoke-It -With @{ Path = '/x' }
        $value.text | Should -BeExactly $times[0]
        , $value.list | Should -BeOfType ([array])
        $value.list | Should -BeExactly $times
        $value.'2024-01-02T03:04:05Z' | Should -Be 1
        ConvertTo-Json -InputObject $value -Depth 9 -Compress | Should -BeExactly (ConvertTo-Json -InputObject $sent -Depth 9 -Compress)
    }

    It 'is followed page by page' {
        $answers.Enqueue((Answer 200 '{"items":[{"n":1},{"n":2}],"next":"a+b"}'))
        $answers.Enqueue((Answer 200 '{"items":[{"n":3}],"next":null}'))
        (Invoke-It -With @{ Path = '/x'; All = $true }).n | Should -Be 1, 2, 3
        $uris[1] | Should -Be 'https://kanade.test/api/v1/x?cursor=a%2Bb&limit=500'
    }

    It 'is followed no further than so many items are asked for' {
        $answers.Enqueue((Answer 200 '{"items":[{"n":1},{"n":2}],"next":"a"}'))
        (Invoke-It -With @{ Path = '/x'; All = $true; First = 2 }).n | Should -Be 1, 2
        $uris[0] | Should -BeLike '*limit=2'
    }

    It 'is asked for again when the backend or the broker is away' {
        $answers.Enqueue((NoAnswer ([System.Net.WebException]::new('refused'))))
        $answers.Enqueue((Problem 503 'broker_unavailable'))
        $answers.Enqueue((Answer 200 '{"ok":true}'))
        (Invoke-It -With @{ Path = '/x' }).ok | Should -BeTrue
    }

    It 'is not asked for again when that could do something twice' {
        $answers.Enqueue((Problem 503 'broker_unavailable'))
        { Invoke-It -With @{ Path = '/x'; Method = 'POST'; Body = @{} } } | Should -Throw -ErrorId 'Kanade.broker_unavailable*'
        $uris.Count | Should -Be 1
    }

    It 'is asked for again when that changes nothing, whatever the method' {
        $answers.Enqueue((Problem 503 'broker_unavailable'))
        $answers.Enqueue((Answer 200 '{"ok":true}'))
        (Invoke-It -With @{ Path = '/x'; Method = 'POST'; Body = @{}; Safe = $true }).ok | Should -BeTrue
    }

    It 'is text only when it is of the type that was asked for' {
        $answers.Enqueue((Answer 200 'id: a' 'application/yaml'))
        $answers.Enqueue((Answer 200 '{}' 'application/json'))
        Invoke-It -With @{ Path = '/x'; AsText = $true; Accept = 'application/yaml' } | Should -Be 'id: a'
        Invoke-It -With @{ Path = '/x'; AsText = $true; Accept = 'application/yaml' } | Should -BeNullOrEmpty
    }

    It 'is asked for again with a key that keeps it from being done twice' {
        $answers.Enqueue((Problem 503 'not_ready'))
        $answers.Enqueue((Answer 202 '{"exec_id":"e"}'))
        (Invoke-It -With @{ Path = '/x'; Method = 'POST'; Body = @{}; IdempotencyKey = 'k' }).exec_id | Should -Be 'e'
    }

    It 'is waited for no longer than a few attempts' {
        1..9 | ForEach-Object -Process { $answers.Enqueue((NoAnswer ([System.Net.WebException]::new('refused')))) }
        { Invoke-It -With @{ Path = '/x' } } | Should -Throw -ErrorId 'Kanade.unreachable*'
        $uris.Count | Should -Be 4
    }

    It 'is the error <Code> with the category <Category> when its status is <Status>' -ForEach @(
        @{ Status = 401; Code = 'unauthenticated'; Category = 'AuthenticationError' }
        @{ Status = 403; Code = 'forbidden'; Category = 'PermissionDenied' }
        @{ Status = 404; Code = 'not_found'; Category = 'ObjectNotFound' }
        @{ Status = 405; Code = 'method_not_allowed'; Category = 'NotImplemented' }
        @{ Status = 409; Code = 'job_revoked'; Category = 'InvalidOperation' }
        @{ Status = 409; Code = 'rollout_state'; Category = 'InvalidOperation' }
        @{ Status = 409; Code = 'group_kind'; Category = 'InvalidOperation' }
        @{ Status = 409; Code = 'rollout_corrupt'; Category = 'InvalidData' }
        @{ Status = 410; Code = 'output_gone'; Category = 'ObjectNotFound' }
        @{ Status = 412; Code = 'precondition_failed'; Category = 'ResourceBusy' }
        @{ Status = 421; Code = 'wrong_host'; Category = 'ConnectionError' }
        @{ Status = 422; Code = 'unknown_pc'; Category = 'ObjectNotFound' }
        @{ Status = 422; Code = 'invalid_body'; Category = 'InvalidData' }
        @{ Status = 500; Code = 'internal'; Category = 'OperationStopped' }
        @{ Status = 502; Code = 'inventory_failed'; Category = 'ReadError' }
        @{ Status = 504; Code = 'agent_unreachable'; Category = 'OperationTimeout' }
        @{ Status = 507; Code = 'exec_full'; Category = 'LimitsExceeded' }
    ) {
        # Some are asked again.
        1..4 | ForEach-Object -Process { $answers.Enqueue((Problem $Status $Code ',"errors":[{"pointer":"/a","message":"m","code":"c"}]')) }
        $record = $null
        try { Invoke-It -With @{ Path = '/x' } } catch { $record = $_ }
        $record.FullyQualifiedErrorId | Should -BeLike "Kanade.$Code*"
        "$($record.CategoryInfo.Category)" | Should -Be $Category
        $record.Exception.Message | Should -Be 'A title: what is wrong'
        $record.Exception.Data['Faults'][0].pointer | Should -Be '/a'
        $record.Exception.Data['Status'] | Should -Be $Status
    }

    It 'is an error of its own when it is no answer of a backend' {
        $answers.Enqueue((Answer 404 '<html>' 'text/html'))
        { Invoke-It -With @{ Path = '/x' } } | Should -Throw -ErrorId 'Kanade.http_404*'
    }

    It 'that takes too long is a time-out' {
        1..4 | ForEach-Object -Process { $answers.Enqueue((NoAnswer ([System.Net.WebException]::new('slow', [System.Net.WebExceptionStatus]::Timeout)))) }
        { Invoke-It -With @{ Path = '/x' } } | Should -Throw -ErrorId 'Kanade.timed_out*'
    }
}

Describe 'A server that breaks off' {
    BeforeAll {
        # Answers GET on a connection that it keeps, and closes the connection of whatever else it has read.
        $listener = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
        $listener.Start()
        $heard = [System.Collections.ArrayList]::Synchronized([System.Collections.ArrayList]::new())
        $stopping = [System.Threading.ManualResetEventSlim]::new()
        $server = [powershell]::Create().AddScript({
                param($Listener, $Heard, $Stopping)
                $clients = [System.Collections.ArrayList]::new()
                $buffer = [byte[]]::new(65536)
                while (-not $Stopping.Wait(5)) {
                    if ($Listener.Pending()) { $null = $clients.Add($Listener.AcceptTcpClient()) }
                    foreach ($client in @($clients)) {
                        if ($client.Available -eq 0) { continue }
                        $stream = $client.GetStream()
                        $text = [System.Text.Encoding]::ASCII.GetString($buffer, 0, $stream.Read($buffer, 0, $buffer.Length))
                        if ($text.StartsWith('GET /stall')) {
                            # Something comes, and then nothing more.
                            $answer = [System.Text.Encoding]::ASCII.GetBytes("HTTP/1.1 200 OK`r`nContent-Type: application/json`r`nContent-Length: 100`r`n`r`n{")
                            $stream.Write($answer, 0, $answer.Length)
                            $null = $Heard.Add($text)
                        } elseif ($text.StartsWith('GET ')) {
                            $answer = [System.Text.Encoding]::ASCII.GetBytes("HTTP/1.1 200 OK`r`nContent-Type: application/json`r`nContent-Length: 2`r`n`r`n{}")
                            $stream.Write($answer, 0, $answer.Length)
                        } else {
                            # The rest of a request that came in two parts is none of its own.
                            if ($text -match '\A[A-Z]+ ') { $null = $Heard.Add($text) }
                            $clients.Remove($client)
                            $client.Close()
                        }
                    }
                }
                foreach ($client in $clients) { $client.Close() }
            }).AddArgument($listener).AddArgument($heard).AddArgument($stopping)
        $serving = $server.BeginInvoke()
    }

    AfterAll {
        $stopping.Set()
        $server.EndInvoke($serving)
        $server.Dispose()
        $listener.Stop()
    }

    It 'is given up when the rest of an answer does not come in time' {
        $answer = InModuleScope -ModuleName Kanade -Parameters @{ Uri = "http://127.0.0.1:$($listener.LocalEndpoint.Port)/stall" } -ScriptBlock {
            param($Uri)
            Send-KanadeRequest -Uri $Uri -Method GET -Token (ConvertTo-KanadeSecureString -Text 'secret') -TimeoutSec 1
        }
        $answer.Status | Should -Be 0
        $answer.Failure.Status | Should -Be 'Timeout'
    }

    It 'does not keep Ctrl-C from ending the command' {
        $heard.Clear()
        $shell = [powershell]::Create().AddScript({
                param($Manifest, $Server)
                Import-Module -Name $Manifest
                & (Get-Module -Name Kanade) { param($Server) Send-KanadeRequest -Uri "$Server/stall" -Method GET -Token (ConvertTo-KanadeSecureString -Text 'secret') } $Server
            }).AddArgument((Join-Path $PSScriptRoot '../../../Kanade.psd1')).AddArgument("http://127.0.0.1:$($listener.LocalEndpoint.Port)")
        $running = $shell.BeginInvoke()
        while ($heard.Count -eq 0 -and -not $running.IsCompleted) { Start-Sleep -Milliseconds 20 }
        $clock = [System.Diagnostics.Stopwatch]::StartNew()
        $shell.Stop()
        $clock.Elapsed.TotalSeconds | Should -BeLessThan 20
        $shell.InvocationStateInfo.State | Should -Be 'Stopped'
        $shell.Dispose()
    }

    It 'hears <Method> <Path> once' -ForEach @(
        @{ Method = 'POST'; Path = '/rollouts/x/advance' }
        @{ Method = 'DELETE'; Path = '/jobs/x' }
        @{ Method = 'PUT'; Path = '/x' }
    ) {
        $heard.Clear()
        $answer = InModuleScope -ModuleName Kanade -Parameters @{ Uri = "http://127.0.0.1:$($listener.LocalEndpoint.Port)"; Method = $Method; Path = $Path } -ScriptBlock {
            param($Uri, $Method, $Path)
            $token = ConvertTo-KanadeSecureString -Text 'secret'
            $null = Send-KanadeRequest -Uri "$Uri/" -Method GET -Token $token
            Send-KanadeRequest -Uri "$Uri$Path" -Method $Method -Token $token
        }
        $answer.Status | Should -Be 0
        $heard.Count | Should -Be 1
        $heard[0] | Should -BeLike "$Method $Path *Connection: close*"
    }
}

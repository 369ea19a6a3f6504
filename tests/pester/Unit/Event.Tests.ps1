BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Answers.ps1')

    function Told([string] $Name, [psobject] $Data) {
        [pscustomobject] @{ Id = $null; Event = $Name; Data = $Data }
    }

    function Wrote([string] $Stream, [int] $From, [string] $Text) {
        Told $Stream ([pscustomobject] @{ from = $From; data = $Text })
    }
}

Describe 'An event' {
    It 'is <Name>' -ForEach @(
        @{ Name = 'its name, its id and its data'; Text = "id: 3.0`nevent: stdout`ndata: {`"from`":0,`"data`":`"a: b\n`"}"; Expected = "3.0 stdout a: b`n" }
        @{ Name = 'without an id'; Text = "event: done`ndata: {`"data`":`"x`"}"; Expected = ' done x' }
        @{ Name = 'text also when that looks like a date'; Text = "event: stdout`ndata: {`"from`":0,`"data`":`"2024-01-02T03:04:05Z`"}"; Expected = ' stdout 2024-01-02T03:04:05Z' }
        @{ Name = 'nothing when it is a sign of life'; Text = ': ping'; Expected = '' }
        @{ Name = 'nothing when it is empty'; Text = ''; Expected = '' }
    ) {
        $found = InModuleScope -ModuleName Kanade -Parameters @{ Text = $Text } -ScriptBlock { param($Text) ConvertFrom-KanadeEventText -Text $Text }
        $(if ($found) { "$($found.Id) $($found.Event) $($found.Data.data)" } else { '' }) | Should -BeExactly $Expected
    }
}

Describe 'A stream of events' {
    BeforeEach {
        # One for each connection: what is told over it, what it was answered when it was none, whether it ends it all.
        $script:connections = [System.Collections.Queue]::new()
        $script:positions = [System.Collections.ArrayList]::new()
        $script:pauses = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Start-Sleep -MockWith { $null = $script:pauses.Add($Milliseconds) }
        Mock -ModuleName Kanade -CommandName Receive-KanadeEvent -MockWith {
            $null = $script:positions.Add($State.Id)
            $connection = $script:connections.Dequeue()
            $State.Answer = $connection['Answer']
            foreach ($told in @($connection['Tells'] | Where-Object -FilterScript { $_ })) {
                $State.Heard = $true
                $State.Id = $told
                $State.Done = $told -eq 'done'
                [pscustomobject] @{ Id = $told; Event = 'stdout'; Data = $told }
            }
        }
        $watch = { InModuleScope -ModuleName Kanade -ScriptBlock { Watch-KanadeEvent -Uri 'https://kanade.test/x' -Token (ConvertTo-KanadeSecureString -Text 't') } }
        $gone = @{ Answer = [pscustomobject] @{ Status = 0; Failure = [System.Net.WebException]::new('refused') } }
    }

    It 'goes on where it broke off, over as many connections as it takes' {
        $connections.Enqueue(@{ Tells = @('a', 'b') })
        $connections.Enqueue($gone)
        $connections.Enqueue(@{ Answer = [pscustomobject] @{ Status = 503; MediaType = 'text/html'; RetryAfter = 0; Body = [byte[]] @() } })
        $connections.Enqueue(@{ Tells = 'c' })
        $connections.Enqueue(@{ Tells = 'done' })
        (& $watch).Data | Should -Be 'a', 'b', 'c', 'done'
        $positions | Should -Be $null, 'b', 'b', 'b', 'c'
        $pauses | Should -Be 250, 500, 1000, 250
    }

    It 'is given up at once when it is refused' {
        $connections.Enqueue(@{ Answer = [pscustomobject] @{ Status = 404; MediaType = 'text/html'; RetryAfter = 0; Body = [byte[]] @() } })
        { & $watch } | Should -Throw -ErrorId 'Kanade.http_404*'
        $pauses.Count | Should -Be 0
    }

    It 'is given up when nobody is there, later when somebody was' {
        1..4 | ForEach-Object -Process { $connections.Enqueue($gone) }
        { & $watch } | Should -Throw -ErrorId 'Kanade.unreachable*'
        $connections.Count | Should -Be 0
        $connections.Enqueue(@{ Tells = 'a' })
        1..9 | ForEach-Object -Process { $connections.Enqueue($gone) }
        { & $watch } | Should -Throw -ErrorId 'Kanade.unreachable*'
        $connections.Count | Should -Be 0
    }
}

Describe 'Over the wire' {
    BeforeEach {
        # Answers one connection after the other with the bytes it is given, and keeps what it was asked.
        $server = [System.Net.Sockets.TcpListener]::new([System.Net.IPAddress]::Loopback, 0)
        $server.Start()
        $script:heard = [System.Collections.ArrayList]::Synchronized([System.Collections.ArrayList]::new())
        $script:answers = [System.Collections.ArrayList]::new()
        $serving = [powershell]::Create().AddScript({
                param($Server, $Answers, $Heard)
                foreach ($parts in $Answers) {
                    $client = $Server.AcceptTcpClient()
                    $stream = $client.GetStream()
                    $asked = ''
                    $buffer = [byte[]]::new(4096)
                    while ($asked -notlike "*`r`n`r`n") { $asked += [System.Text.Encoding]::ASCII.GetString($buffer, 0, $stream.Read($buffer, 0, 4096)) }
                    $null = $Heard.Add($asked)
                    foreach ($part in $parts) {
                        $stream.Write($part, 0, $part.Length)
                        # So that they are read one by one.
                        Start-Sleep -Milliseconds 50
                    }
                    $client.Close()
                }
            })
        $serve = { $null = $serving.AddArgument($server).AddArgument($script:answers).AddArgument($script:heard).BeginInvoke() }
        $watch = {
            InModuleScope -ModuleName Kanade -Parameters @{ Uri = "http://127.0.0.1:$($server.LocalEndpoint.Port)/tail" } -ScriptBlock {
                param($Uri)
                Mock -CommandName Start-Sleep -MockWith { }
                Watch-KanadeEvent -Uri $Uri -Token (ConvertTo-KanadeSecureString -Text 'secret')
            }
        }
        $head = [System.Text.Encoding]::ASCII.GetBytes("HTTP/1.1 200 OK`r`nContent-Type: text/event-stream`r`nConnection: close`r`n`r`n")
        $told = [System.Text.Encoding]::UTF8.GetBytes("id: 7.0`nevent: stdout`ndata: {`"from`":0,`"data`":`"" + [char] 0xE9 + "`"}`n`n")
        # Within a character of two bytes.
        $cut = [array]::IndexOf($told, [byte] 0xC3) + 1
    }

    AfterEach {
        $server.Stop()
        $serving.Dispose()
    }

    It 'events come as they are written, and the next connection goes on behind the last' {
        $null = $answers.Add(@($head, $told[0..($cut - 1)], $told[$cut..($told.Length - 1)]))
        $null = $answers.Add(@(, [System.Text.Encoding]::ASCII.GetBytes("HTTP/1.1 503 Service Unavailable`r`nContent-Length: 0`r`nConnection: close`r`n`r`n")))
        $null = $answers.Add(@($head, [System.Text.Encoding]::UTF8.GetBytes(": ping`n`nevent: done`ndata: {`"result`":`"x`"}`n`n")))
        & $serve
        $events = & $watch
        $events.Event | Should -Be 'stdout', 'done'
        $events[0].Data.data | Should -BeExactly ([string] [char] 0xE9)
        $heard.Count | Should -Be 3
        $heard[0] | Should -Match 'Authorization: Bearer secret'
        $heard[0] | Should -Not -Match 'Last-Event-ID'
        $heard[1] | Should -Match "Last-Event-ID: 7.0`r`n"
        $heard[2] | Should -Match "Last-Event-ID: 7.0`r`n"
    }

    It 'a refusal of the backend is its error' {
        $body = '{"title":"There is no such thing","detail":"there is no result","code":"not_found","request_id":"r"}'
        $null = $answers.Add(@(, [System.Text.Encoding]::ASCII.GetBytes("HTTP/1.1 404 Not Found`r`nContent-Type: application/problem+json`r`nContent-Length: $($body.Length)`r`nConnection: close`r`n`r`n$body")))
        & $serve
        $watch | Should -Throw -ErrorId 'Kanade.not_found*'
    }
}

Describe 'Following a PC' {
    BeforeEach {
        $script:rows = [System.Collections.Queue]::new()
        $script:tells = @()
        $script:result = [pscustomobject] @{ stdout_bytes = 0; stderr_bytes = 0; stdout_chunks = 0; stderr_chunks = 0; stdout_truncated = $false; stderr_truncated = $false }
        $script:whole = ''
        $script:online = $true
        Mock -ModuleName Kanade -CommandName Start-Sleep -MockWith { }
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            switch ($Path) {
                '/executions/e1' { return Execution @((Row 'PC1' 'running')) }
                '/executions/e1/targets' { if ($script:rows.Count -gt 1) { return $script:rows.Dequeue() } else { return $script:rows.Peek() } }
                '/agents/PC1' { return [pscustomobject] @{ pc_id = 'PC1'; online = $script:online; last_seen = '2024-01-02T03:04:05Z' } }
                '/results/r1/tail' { return $script:tells }
                '/results/r1' { return $script:result }
                '/results/r1/stdout' { return $script:whole }
            }
            throw "unexpected $Method $Path"
        }
        $rows.Enqueue((Row 'PC1' 'running' 'r1'))
    }

    It 'gives its lines when they are whole, and what is left at the end' {
        $script:tells = @((Wrote 'stdout' 0 "one`r`ntw"), (Wrote 'stderr' 0 "oh`n"), (Wrote 'stdout' 7 "o`n`nthree"), (Told 'done'))
        $lines = Receive-KanadeExec -ExecId e1 -Follow -WarningVariable warned
        $lines | Should -Be 'one', 'oh', 'two', '', 'three'
        $lines[0] | Should -BeOfType ([string])
        $lines.Stream | Should -Be 'stdout', 'stderr', 'stdout', 'stdout', 'stdout'
        $lines[0].PSComputerName, $lines[0].ExecId | Should -Be 'PC1', 'e1'
        $warned | Should -BeNullOrEmpty
    }

    It 'says what is missing, and that the PC does not answer' {
        $e = [string] [char] 0xE9
        $script:tells = @((Wrote 'stdout' 0 "$e`n"), (Told 'waiting'), (Wrote 'stdout' 10 "b`n"), (Told 'done'))
        Receive-KanadeExec -ExecId e1 -Follow -WarningVariable warned -WarningAction SilentlyContinue | Should -Be $e, 'b'
        $warned.Count | Should -Be 2
        $warned[1] | Should -BeLike '7 bytes of stdout*'
    }

    It 'reads the end of a long output from the result' {
        $script:tells = @((Wrote 'stdout' 0 "one`ntw"), (Told 'done'))
        $script:whole = "one`ntwo`nthree`n"
        $script:result.stdout_bytes = 14
        $script:result.stdout_chunks = 2
        Receive-KanadeExec -ExecId e1 -Follow | Should -Be 'one', 'two', 'three'
    }

    It 'waits until it has started' {
        $rows.Clear()
        1..3 | ForEach-Object -Process { $rows.Enqueue((Row 'PC1' 'queued')) }
        $rows.Enqueue((Row 'PC1' 'running' 'r1'))
        $script:tells = @((Wrote 'stdout' 0 'x'), (Told 'done'))
        Receive-KanadeExec -ExecId e1 -Follow -WarningVariable warned | Should -Be 'x'
        $warned | Should -BeNullOrEmpty
    }

    It 'says once that the PC is off, and waits' {
        $rows.Clear()
        1..3 | ForEach-Object -Process { $rows.Enqueue((Row 'PC1' 'queued')) }
        $rows.Enqueue((Row 'PC1' 'running' 'r1'))
        $script:online = $false
        $script:tells = @((Wrote 'stdout' 0 'x'), (Told 'done'))
        Receive-KanadeExec -ExecId e1 -Follow -WarningVariable warned -WarningAction SilentlyContinue | Should -Be 'x'
        $warned.Count | Should -Be 1
        "$warned" | Should -BeLike 'PC1 is off*'
    }

    It 'is an error when it never will' {
        $rows.Clear()
        $rows.Enqueue((Row 'PC1' 'cancelled'))
        Receive-KanadeExec -ExecId e1 -Follow -ErrorVariable wrong -ErrorAction SilentlyContinue | Should -BeNullOrEmpty
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.no_output,Receive-KanadeExec'
    }
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Support/Refusal.ps1')

    function Write-File([string] $Name, [string] $Text) {
        $path = Join-Path $TestDrive $Name
        $null = New-Item -ItemType Directory -Force -Path (Split-Path -Path $path)
        [System.IO.File]::WriteAllText($path, $Text)
        $path
    }

    function Checked([string] $Id, [bool] $Exists, [bool] $Changed, [object[]] $Differences = @()) {
        $etag = $null
        if ($Exists) { $etag = '"4"' }
        [pscustomobject] @{ id = $Id; exists = $Exists; etag = $etag; changed = $Changed; differences = $Differences }
    }

    function Listed([string] $Id) {
        [pscustomobject] @{
            id = $Id; version = '1'; description = $null; tags = @('disk'); status = 'ACTIVE'; updated_at = '2024-01-02T03:04:05Z'; updated_by = 'admin'; etag = '"4"'
            document = [pscustomobject] @{ id = $Id; version = '1'; tags = @('disk'); execute = [pscustomobject] @{ shell = 'sh'; script = "a`nb"; timeout = '1m'; success_exit_codes = @(0) }; newer_field = 'x' }
        }
    }

    # What -WhatIf says, which goes to the host alone.
    function Get-WhatIf([scriptblock] $Command) {
        $transcript = Join-Path $TestDrive "$([guid]::NewGuid()).txt"
        $null = Start-Transcript -LiteralPath $transcript
        try { $null = & $Command } finally { $null = Stop-Transcript }
        [System.IO.File]::ReadAllText($transcript)
    }
}

Describe 'Documents' {
    BeforeEach {
        $script:calls = [System.Collections.ArrayList]::new()
        # What a check answers, by what is in the text.
        $script:checks = [ordered] @{}
        $script:puts = [System.Collections.Queue]::new()
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:calls.Add([pscustomobject] @{ Method = $Method; Path = $Path; Text = $Text; ContentType = $ContentType; Header = $Header; Body = $Body; Query = $Query; Accept = $Accept })
            if ($Path -like '*/check') {
                foreach ($part in $script:checks.Keys) { if ($Text.Contains($part)) { return $script:checks[$part] } }
                return Checked 'made' $false $true
            }
            if ($Path -eq '/jobs/inline') { return [pscustomobject] @{ document = "inlined $($Body.script)" } }
            if ($Method -eq 'PUT') {
                if ($script:puts.Count -gt 0) { return $script:puts.Dequeue() }
                return [pscustomobject] @{ id = 'made' }
            }
            if ($Path -eq '/jobs') {
                $id = $Query['id']
                if ($id -eq 'nope') { return }
                if (-not $id) { $id = 'listed' }
                return Listed $id
            }
            if ($Path -eq '/jobs/listed') { return '# as written' }
            throw "unexpected $Method $Path"
        }
        function Sent([string] $Method) { $script:calls | Where-Object -FilterScript { $_.Method -eq $Method } }
    }

    Context 'are found' {
        It 'in files by wildcard, in folders by what they are called, and in what Get-ChildItem gives' {
            $null = Write-File 'found/b.yaml' 'b: 1'
            $null = Write-File 'found/a.json' '{"a":1}'
            $null = Write-File 'found/c.yml' 'c: 1'
            $null = Write-File 'found/notes.txt' 'none'
            $null = Write-File 'found/[x].yaml' 'x: 1'
            $null = Write-File 'found/deep/d.yaml' 'd: 1'
            $folder = Join-Path $TestDrive 'found'
            (Test-KanadeJob -Path $folder).Path | Split-Path -Leaf | Should -Be '[x].yaml', 'a.json', 'b.yaml', 'c.yml'
            (Test-KanadeJob -Path (Join-Path $folder '*.y*ml')).Path | Split-Path -Leaf | Sort-Object | Should -Be '[x].yaml', 'b.yaml', 'c.yml'
            (Test-KanadeJob -LiteralPath (Join-Path $folder '[x].yaml')).Path | Split-Path -Leaf | Should -Be '[x].yaml'
            (Get-ChildItem -LiteralPath $folder -Recurse -Filter '*.yaml' | Test-KanadeJob).Path | Split-Path -Leaf | Sort-Object | Should -Be '[x].yaml', 'b.yaml', 'd.yaml'
            (Join-Path $folder 'c.yml') | Test-KanadeJob | ForEach-Object -Process { Split-Path -Path $_.Path -Leaf } | Should -Be 'c.yml'
        }

        It 'as what they are: YAML to the letter, and JSON' {
            $yaml = Write-File 'kind/a.yaml' "$([char] 0xFEFF)# one`r`nid: a`r`n"
            $json = Write-File 'kind/a.json' '{"id": "a"}'
            $null = Test-KanadeSchedule -Path $yaml, $json
            $calls.Path | Should -Be '/schedules/check', '/schedules/check'
            $calls[0].Text | Should -BeExactly "# one`r`nid: a`r`n"
            $calls.ContentType | Should -Be 'application/yaml', 'application/json'
        }

        It 'in a file of several, each with what belongs to it' {
            $text = "# of all`n---`n# one`nid: a`nexecute:`n  script: |`n    ---`n    ...`n--- # two`nid: b`n...`n# none`n---`n`n--- {id: c}`n"
            $file = Write-File 'several/all.yaml' $text
            $checks['id: b'] = Refusal 'invalid_body' 422 @([pscustomobject] @{ pointer = '/version'; message = 'is missing'; code = 'invalid_body' })
            Set-KanadeJob -Path $file -ErrorVariable wrong -ErrorAction SilentlyContinue
            @(Sent 'POST').Text | Should -BeExactly @("# of all`n---`n# one`nid: a`nexecute:`n  script: |`n    ---`n    ...`n", " # two`nid: b`n", "# none`n---`n {id: c}`n")
            @(Sent 'PUT').Count | Should -Be 2
            "$wrong" | Should -Be 'all.yaml, document 2: /version is missing'
            $text | Set-KanadeJob -ErrorAction SilentlyContinue
            @(Sent 'PUT').Count | Should -Be 4
            $found = Test-KanadeJob -Path $file
            $found.Document | Should -Be 1, 2, 3
            ($found | Out-String) | Should -BeLike '*all.yaml (2)*'
            $found | Where-Object -Property Valid | Set-KanadeJob
            @(Sent 'PUT').Count | Should -Be 6
        }

        It 'in a file of one that begins with a mark, or says nothing' {
            "---`r`nid: a`r`n", "# nothing`n---`n", "---`n---`n" | Test-KanadeJob | Where-Object -Property Document | Should -BeNullOrEmpty
            $calls.Text | Should -BeExactly "id: a`r`n", "# nothing`n---`n", "---`n---`n"
        }

        It 'or are errors of their own' {
            $good = Write-File 'some/good.yaml' 'id: good'
            $null = New-Item -ItemType Directory -Path (Join-Path $TestDrive 'empty')
            $found = Test-KanadeJob -Path (Join-Path $TestDrive 'none*.yaml'), (Join-Path $TestDrive 'empty'), $good -ErrorVariable wrong -ErrorAction SilentlyContinue
            $found.Id | Should -Be 'made'
            $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.file_not_found,Test-KanadeJob', 'Kanade.file_not_found,Test-KanadeJob'
            "$($wrong[1])" | Should -BeLike '*There is no .yaml*'
        }

        It 'in text of several lines' {
            "id: a`nversion: '1'`n" | Set-KanadeJob
            (Sent 'PUT').Text | Should -Be "id: a`nversion: '1'`n"
            (Sent 'PUT').ContentType | Should -Be 'application/yaml'
        }

        It 'in hashtables and objects, whichever way names are written' {
            @{ id = 'a'; version = '1'; execute = @{ shell = 'sh'; success_exit_codes = @(0) } } | Set-KanadeJob
            [pscustomobject] @{ ScheduleId = 'b'; JobId = 'a'; StartingDeadline = '4h'; Target = @{ All = $true; Groups = $null }; When = @{ PerPc = @{ Every = '6h' } } } | Set-KanadeSchedule
            $sent = @(Sent 'PUT')
            $sent.ContentType | Should -Be 'application/json', 'application/json'
            $first = $sent[0].Text | ConvertFrom-Json
            $first.execute.success_exit_codes.Count | Should -Be 1
            $second = $sent[1].Text | ConvertFrom-Json
            $second.PSObject.Properties.Name | Sort-Object | Should -Be 'id', 'job_id', 'starting_deadline', 'target', 'when'
            $second.target.PSObject.Properties.Name | Should -Be 'all'
            $second.when.per_pc.every | Should -Be '6h'
        }

        It 'or are refused when they are none' {
            { 5 | Set-KanadeJob -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.not_a_document,Set-KanadeJob'
            { Get-Process -Id $PID | Set-KanadeJob -ErrorAction Stop } | Should -Throw -ErrorId 'Kanade.argument_not_supported,Set-KanadeJob'
            @(Sent 'PUT').Count | Should -Be 0
        }
    }

    Context 'that are checked' {
        It 'tell what would change, and all their faults' {
            $checks['id: old'] = Checked 'old' $true $true @([pscustomobject] @{ pointer = '/version'; before = '1'; after = '2' })
            $checks['id: bad'] = Refusal 'invalid_body' 422 @([pscustomobject] @{ pointer = '/version'; message = 'is missing'; code = 'invalid_body' }, [pscustomobject] @{ pointer = '/x'; message = 'is not a known field'; code = 'invalid_body' })
            $checks['id: torn'] = Refusal 'bad_request' 400
            $found = "id: old`n", "id: bad`n", "id: torn`n", "id: new`n" | Test-KanadeJob -ErrorVariable wrong
            $wrong | Should -BeNullOrEmpty
            $found[0].PSObject.TypeNames[0] | Should -Be 'Kanade.DocumentCheck'
            $found.Valid | Should -Be $true, $false, $false, $true
            $found[0].Id, $found[0].Exists, $found[0].Changed | Should -Be 'old', $true, $true
            $found[0].Differences[0].Pointer, $found[0].Differences[0].Before, $found[0].Differences[0].After | Should -Be '/version', '1', '2'
            $found[1].Faults.Pointer | Should -Be '/version', '/x'
            $found[2].Faults.Message | Should -Be 'refused'
            $found[3].Exists | Should -BeFalse
        }

        It 'end with what every document would meet' {
            $checks['id: a'] = Refusal 'unauthenticated' 401
            { "id: a`n", "id: b`n" | Test-KanadeJob } | Should -Throw -ErrorId 'Kanade.unauthenticated,Test-KanadeJob'
            { "id: a`n" | Set-KanadeJob } | Should -Throw -ErrorId 'Kanade.unauthenticated,Set-KanadeJob'
            $calls.Count | Should -Be 2
        }
    }

    Context 'that are stored' {
        It 'overwrite nothing that was not looked at' {
            $checks['id: old'] = Checked 'old' $true $true
            "id: old`n", "id: new`n" | Set-KanadeJob
            $sent = @(Sent 'PUT')
            $sent.Path | Should -Be '/jobs/old', '/jobs/made'
            $sent[0].Header['If-Match'] | Should -Be '"4"'
            $sent[1].Header['If-None-Match'] | Should -Be '*'
            $puts.Enqueue((Refusal 'precondition_failed' 412))
            "id: old`n", "id: new`n" | Set-KanadeJob -ErrorVariable wrong -ErrorAction SilentlyContinue
            $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.precondition_failed,Set-KanadeJob'
            @(Sent 'PUT').Count | Should -Be 4
        }

        It 'are not stored when they change nothing' {
            $checks['id: same'] = Checked 'same' $true $false
            $job = "id: same`n" | Set-KanadeJob -PassThru
            @(Sent 'PUT').Count | Should -Be 0
            $job.JobId | Should -Be 'same'
        }

        It 'do not keep each other from it' {
            $checks['bad'] = Refusal 'invalid_body' 422 @([pscustomobject] @{ pointer = '/version'; message = 'is missing'; code = 'invalid_body' }, [pscustomobject] @{ pointer = '/x'; message = 'is not a known field'; code = 'invalid_body' })
            $null = Write-File 'mixed/a.yaml' 'id: a'
            $null = Write-File 'mixed/b.yaml' 'id: bad'
            $null = Write-File 'mixed/c.yaml' 'id: c'
            Set-KanadeJob -Path (Join-Path $TestDrive 'mixed') -ErrorVariable wrong -ErrorAction SilentlyContinue
            (Sent 'PUT').Text | Should -Be 'id: a', 'id: c'
            $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.invalid_body,Set-KanadeJob'
            "$wrong" | Should -Be 'b.yaml: /version is missing; /x is not a known field'
            "$($wrong.CategoryInfo.Category)" | Should -Be 'InvalidData'
            $wrong.TargetObject | Should -Be (Join-Path $TestDrive 'mixed/b.yaml')
            $wrong.Exception.Data['Faults'].Count | Should -Be 2
        }

        It 'are shown by -WhatIf, and are not stored' {
            $checks['id: old'] = Checked 'old' $true $true @(
                [pscustomobject] @{ pointer = '/version'; before = '1'; after = '2' }
                [pscustomobject] @{ pointer = '/tags'; before = $null; after = @('a', 'b') }
                [pscustomobject] @{ pointer = '/staleness/mode'; before = 'cached'; after = $null }
                [pscustomobject] @{ pointer = '/execute/script'; before = "one`ntwo`nthree`n"; after = "one`n2`n2b`nthree`n" }
            )
            $file = Write-File 'old.yaml' "id: old`n"
            $said = Get-WhatIf { Set-KanadeJob -Path $file -WhatIf }
            @(Sent 'PUT').Count | Should -Be 0
            foreach ($line in 'Change the job old from old.yaml:', '  ~ /version: "1" -> "2"', '  + /tags: ["a","b"]', '  - /staleness/mode: "cached"', '  ~ /execute/script:', '      - two', '      + 2', '      + 2b') {
                $said | Should -BeLike "*$([WildcardPattern]::Escape($line))*"
            }
            $said | Should -Not -BeLike '*      ? one*'
            Get-WhatIf { "id: new`n" | Set-KanadeJob -WhatIf } | Should -BeLike '*Make the job made:*'
        }
    }

    Context 'that are got, changed and stored' {
        It 'say what they said, and nothing that the backend has added' {
            $job = Get-KanadeJob -JobId tidy
            $job.PSObject.TypeNames[0] | Should -Be 'Kanade.Job'
            $job.Execute.SuccessExitCodes.Count | Should -Be 1
            $job.Execute.Timeout = '5m'
            $checks['"tidy"'] = Checked 'tidy' $true $true
            $job | Set-KanadeJob
            $document = (Sent 'PUT').Text | ConvertFrom-Json
            $document.PSObject.Properties.Name | Sort-Object | Should -Be 'execute', 'id', 'newer_field', 'tags', 'version'
            $document.execute.PSObject.Properties.Name | Should -Be 'shell', 'script', 'timeout', 'success_exit_codes'
            $document.id, $document.execute.timeout | Should -Be 'tidy', '5m'
            , $document.tags | Should -BeOfType ([array])
        }

        It 'are refused when somebody has changed them meanwhile' {
            $job = Get-KanadeJob -JobId tidy
            $job.ETag = '"3"'
            $checks['"tidy"'] = Checked 'tidy' $true $true
            $job | Set-KanadeJob -ErrorVariable wrong -ErrorAction SilentlyContinue
            $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.precondition_failed,Set-KanadeJob'
            @(Sent 'PUT').Count | Should -Be 0
        }

        It 'are given with an error for each that is not there' {
            (Get-KanadeJob -JobId 'nope', 'tidy' -ErrorVariable wrong -ErrorAction SilentlyContinue).JobId | Should -Be 'tidy'
            $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Get-KanadeJob'
            (Get-KanadeJob L?sted, x* -ErrorAction Stop).JobId | Should -Be 'listed'
            (Get-KanadeJob).JobId | Should -Be 'listed'
            $calls[-1].Query['documents'] | Should -Be 'true'
        }

        It 'are given as YAML' {
            Get-KanadeJob -AsYaml | Should -Be '# as written'
            $calls[-1].Accept | Should -Be 'application/yaml'
        }

        It 'are given as YAML of which a file can be made' {
            $file = Write-File 'given.yaml' ''
            'listed', 'listed' | Get-KanadeJob -AsYaml | Set-Content -LiteralPath $file
            [System.IO.File]::ReadAllLines($file) | Should -Be '# as written', '---', '# as written'
            InModuleScope -ModuleName Kanade -ScriptBlock {
                foreach ($texts in ("a: 1`n", "b: 1`n"), ("a: 1`n", "%YAML 1.2`n---`nb: 1`n"), ("# x`n---`na: 1`n", "# y`nb: 1`n", "c: 1`n")) {
                    $given = 0
                    Split-KanadeYaml -Text (@($texts | Join-KanadeYaml -Given ([ref] $given)) -join '') | Should -BeExactly $texts
                }
            }
        }
    }

    Context 'whose script lies in a file' {
        BeforeEach {
            $script:named = 'sub\x.ps1'
            $checks['script_file'] = Refusal 'script_file_not_inlined' 422 @([pscustomobject] @{ pointer = '/execute/script_file'; message = 'has to be sent'; code = 'script_file_not_inlined'; value = '' })
            $checks['script_file'].Exception.Data['Faults'][0].value = $named
            $checks['inlined'] = Checked 'filed' $false $true
            $script:file = Write-File 'filed/jobs/filed.yaml' 'script_file: there'
            $null = Write-File 'filed/jobs/sub/x.ps1' 'Get-Date'
            $null = Write-File 'filed/scripts/y.ps1' 'Get-Item'
        }

        It 'take it from beside them' {
            Set-KanadeJob -Path $file
            $inlined = $calls | Where-Object -FilterScript { $_.Path -eq '/jobs/inline' }
            $inlined.Body.document, $inlined.Body.type, $inlined.Body.script | Should -Be 'script_file: there', 'application/yaml', 'Get-Date'
            (Sent 'PUT').Text | Should -Be 'inlined Get-Date'
        }

        It 'take it from elsewhere only when that is allowed' {
            $checks['script_file'].Exception.Data['Faults'][0].value = '../scripts/y.ps1'
            (Test-KanadeJob -Path $file).Faults.Code | Should -Be 'script_file_outside'
            Set-KanadeJob -Path $file -ErrorVariable wrong -ErrorAction SilentlyContinue
            $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.script_file_outside,Set-KanadeJob'
            Set-KanadeJob -Path $file -ScriptRoot (Join-Path $TestDrive 'filed')
            (Sent 'PUT').Text | Should -Be 'inlined Get-Item'
            (Test-KanadeJob -Path $file -ScriptRoot ([System.IO.Path]::GetPathRoot($file))).Valid | Should -BeTrue
        }

        It 'never take it by <Name>' -ForEach @(
            @{ Name = 'the path of a root'; Value = '/etc/hostname' }
            @{ Name = 'the path of a drive'; Value = 'C:\Users\x.ps1' }
            @{ Name = 'a share of another machine'; Value = '\\evil\share\x.ps1' }
            @{ Name = 'a way out'; Value = 'sub/../../../x.ps1' }
            @{ Name = 'a folder of a longer name'; Value = '../jobs2/x.ps1' }
        ) {
            $checks['script_file'].Exception.Data['Faults'][0].value = $Value
            (Test-KanadeJob -Path $file).Faults.Code | Should -Be 'script_file_outside'
        }

        It 'never take it through a link, of a file or of a folder' {
            $secret = Write-File 'filed/secret.ps1' 'secret'
            $links = @{ 'link.ps1' = $secret; 'linked' = Split-Path -Path $secret }
            foreach ($name in $links.Keys) {
                $link = Join-Path $TestDrive "filed/jobs/$name"
                if (-not (Test-Path -LiteralPath $link)) { $null = New-Item -ItemType SymbolicLink -Path $link -Value $links[$name] -ErrorAction SilentlyContinue }
                if (-not (Test-Path -LiteralPath $link)) { Set-ItResult -Skipped -Because 'this user may not make links' }
            }
            foreach ($name in 'link.ps1', 'linked/secret.ps1') {
                $checks['script_file'].Exception.Data['Faults'][0].value = $name
                (Test-KanadeJob -Path $file).Faults.Code | Should -Be 'script_file_outside'
            }
        }

        It 'never take it from a folder whose name differs in case, where that is another folder' -Skip:([System.Environment]::OSVersion.Platform -eq 'Win32NT') {
            $null = Write-File 'filed/Jobs/x.ps1' 'secret'
            $checks['script_file'].Exception.Data['Faults'][0].value = '../Jobs/x.ps1'
            (Test-KanadeJob -Path $file).Faults.Code | Should -Be 'script_file_outside'
        }

        It 'tell when it is not there, or there is no folder to look in' {
            $checks['script_file'].Exception.Data['Faults'][0].value = 'none.ps1'
            $check = Test-KanadeJob -Path $file
            $check.Valid, $check.Faults.Code, $check.Faults.Pointer | Should -Be $false, 'script_file_not_found', '/execute/script_file'
            (@{ script_file = 'x.ps1' } | Test-KanadeJob).Faults.Message | Should -BeLike '*-ScriptRoot*'
            $checks['script_file'].Exception.Data['Faults'][0].value = 'y.ps1'
            (@{ script_file = 'y.ps1' } | Test-KanadeJob -ScriptRoot (Join-Path $TestDrive 'filed/scripts')).Valid | Should -BeTrue
        }
    }
}

Describe 'The difference of two texts' {
    BeforeAll {
        function Compare-It([string] $Before, [string] $After) {
            InModuleScope -ModuleName Kanade -Parameters @{ Before = $Before; After = $After } -ScriptBlock { param($Before, $After) Format-KanadeLineDifference -Before $Before -After $After }
        }
    }

    It 'is told by lines' {
        (Compare-It "a`nb`nc" "a`nc").Trim() | Should -Be '- b'
        (Compare-It "a`nc" "a`nb`nc").Trim() | Should -Be '+ b'
        (Compare-It "a`na`n" "a`na`na`n").Trim() | Should -Be '+ a'
        (Compare-It '' "a`nb").Trim() | Should -Be '-', '+ a', '+ b'
        (Compare-It "a`r`nb`r`n" "a`nb`n").Trim() | Should -Be 'only how its lines end'
    }

    It 'is cut when it is long' {
        $told = Compare-It 'x' ((1..50) -join "`n")
        $told.Count | Should -Be 22
        $told[-1].Trim() | Should -Be '+ ... and 30 more lines'
    }
}

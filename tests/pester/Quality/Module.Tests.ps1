BeforeDiscovery {
    $root = Join-Path $PSScriptRoot '../../..'
    $manifest = Import-PowerShellDataFile -Path (Join-Path $root 'Kanade.psd1')
    $functions = @($manifest.FunctionsToExport | ForEach-Object -Process { @{ Name = $_ } })
    Import-Module -Name (Join-Path $root 'Kanade.psd1') -Force
    # Also of objects within others: they are looked at by themselves.
    $within = Get-ChildItem -Path (Join-Path $root 'ps-module') -Filter '*.ps1' -Recurse | Select-String -Pattern "PSTypeName\s*=\s*'(Kanade\.[\w.]+)'" -AllMatches | ForEach-Object -Process { $_.Matches } | ForEach-Object -Process { $_.Groups[1].Value }
    $types = @(@((Get-Command -Module Kanade).OutputType.Name | Where-Object -FilterScript { $_ -like 'Kanade.*' }) + @($within) | Sort-Object -Unique | ForEach-Object -Process { @{ Name = $_ } })
}

BeforeAll {
    $root = Join-Path $PSScriptRoot '../../..'
    $manifest = Import-PowerShellDataFile -Path (Join-Path $root 'Kanade.psd1')
    Import-Module -Name (Join-Path $root 'Kanade.psd1') -Force
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
    . (Join-Path $PSScriptRoot 'Promise.ps1')
    $promised = Import-PowerShellDataFile -Path (Join-Path $PSScriptRoot 'Promised.psd1')
}

Describe 'The module' {
    It 'has the version of the package' {
        $manifest.ModuleVersion | Should -Be (Get-Content -LiteralPath (Join-Path $root 'package.json') -Raw | ConvertFrom-Json).version
    }

    It 'is a valid manifest' {
        (Test-ModuleManifest -Path (Join-Path $root 'Kanade.psd1')).CompatiblePSEditions | Should -Be 'Desktop', 'Core'
    }

    It 'exports exactly what lies in Public' {
        $public = (Get-ChildItem -Path (Join-Path $root 'ps-module/Public') -Filter '*.ps1').BaseName | Sort-Object
        ($manifest.FunctionsToExport | Sort-Object) | Should -Be $public
        ((Get-Command -Module Kanade).Name | Sort-Object) | Should -Be $public
    }

    It 'has one function per file, named as the file' {
        foreach ($file in Get-ChildItem -Path (Join-Path $root 'ps-module/Public'), (Join-Path $root 'ps-module/Private') -Filter '*.ps1' -Recurse) {
            $ast = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref] $null, [ref] $null)
            $ast.EndBlock.Statements.Name | Should -Be $file.BaseName
        }
    }

    It 'has no two functions of one name, of which one would be lost' {
        $names = (Get-ChildItem -Path (Join-Path $root 'ps-module/Public'), (Join-Path $root 'ps-module/Private') -Filter '*.ps1' -Recurse).BaseName
        $names | Group-Object | Where-Object -Property Count -GT 1 | ForEach-Object -Process { $_.Name } | Should -BeNullOrEmpty
    }

    It 'leaves nothing behind when it is removed' {
        $script = "Import-Module '$(Join-Path $root 'Kanade.psd1')'; Remove-Module Kanade; (Get-Command -Name *-Kanade*).Count; Get-FormatData -TypeName 'Kanade.*'"
        & (Get-Process -Id $PID).Path -NoProfile -Command $script | Should -Be '0'
    }
}

Describe 'The function <Name>' -ForEach $functions {
    BeforeAll {
        $command = Get-Command -Name $Name -Module Kanade
        $help = Get-Help -Name $Name -Full
        $parameters = @($command.Parameters.Keys | Where-Object -FilterScript { $_ -notin $common } | Sort-Object)
    }

    It 'has an approved verb and a singular noun' {
        (Get-Verb -Verb $command.Verb) | Should -Not -BeNullOrEmpty
        $command.Noun | Should -Match '^Kanade[A-Za-z]*$'
        $command.Noun | Should -Not -Match 's$'
    }

    It 'has a synopsis, a description, examples and what comes and goes' {
        $help.Synopsis | Should -Not -Match ([regex]::Escape("$Name ["))
        $help.Synopsis.Length | Should -BeGreaterThan 20
        ($help.Description | Out-String).Trim().Length | Should -BeGreaterThan 40
        @($help.Examples.Example).Count | Should -BeGreaterThan 0
        foreach ($example in $help.Examples.Example) {
            ($example.Remarks | Out-String).Trim() | Should -Not -BeNullOrEmpty -Because "of '$($example.Code)' it is to be said what it does"
            # Help takes a > in the first line for the end of a prompt, unless there is one.
            ($example.Introduction | Out-String) -replace '\s' | Should -Be 'PS>' -Because "else '$($example.Code)' is only a part of it"
        }
        $help.ReturnValues | Should -Not -BeNullOrEmpty
        $help.InputTypes | Should -Not -BeNullOrEmpty
    }

    It 'describes every parameter' {
        foreach ($parameter in $parameters) {
            $described = $help.Parameters.Parameter | Where-Object -FilterScript { $_.Name -eq $parameter }
            ($described.Description | Out-String).Trim() | Should -Not -BeNullOrEmpty -Because "-$parameter is a parameter"
        }
    }

    It 'has the parameters that are promised, with their other names, positions and what they take from the pipeline' {
        Get-Promise -Command $command | Should -BeExactly $promised[$Name] -Because 'else Write-Promised.ps1 writes what is so now'
    }

    It 'takes ids from the pipeline under the names of the API too' {
        foreach ($one in @{ ExecId = 'exec_id'; JobId = 'job_id'; ScheduleId = 'schedule_id'; RolloutId = 'rollout_id'; TokenId = 'token_id' }.GetEnumerator()) {
            $parameter = $command.Parameters[$one.Key]
            if ($null -eq $parameter -or @($parameter.Attributes | Where-Object -FilterScript { $_ -is [Parameter] -and $_.ValueFromPipelineByPropertyName }).Count -eq 0) { continue }
            $parameter.Aliases | Should -Contain $one.Value
        }
    }

    It 'asks with -Confirm and -WhatIf when it changes something' {
        $reads = 'Get', 'Find', 'Test', 'Receive', 'Wait'
        $command.Parameters.ContainsKey('WhatIf') | Should -Be ($command.Verb -notin $reads)
    }

    It 'says what it gives' {
        $command.OutputType | Should -Not -BeNullOrEmpty
    }
}

Describe 'Objects of the type <Name>' -ForEach $types {
    It 'have a table and a list' {
        $views = (Get-FormatData -TypeName $Name -PowerShellVersion $PSVersionTable.PSVersion).FormatViewDefinition
        $views | ForEach-Object -Process { $_.Control.GetType().Name } | Sort-Object | Should -Be 'ListControl', 'TableControl'
    }
}

Describe 'The files of the module and its tests' {
    BeforeAll {
        $files = Get-ChildItem -Path (Join-Path $root 'Kanade.psd1'), (Join-Path $root 'build.ps1'), (Join-Path $root 'ps-module'), (Split-Path -Path $PSScriptRoot) -Recurse -File
    }

    It 'are ASCII, so that Windows PowerShell reads them as they are' {
        # The policies are read by Windows itself, and say how they are written.
        $files | Where-Object -Property Extension -NE '.adml' | Where-Object -FilterScript { [System.IO.File]::ReadAllText($_.FullName, [System.Text.Encoding]::GetEncoding(28591)) -cmatch '[^\r\n\t -~]' } | Should -BeNullOrEmpty
    }

    It 'are without a finding of the analyzer, and parse in Windows PowerShell 5.1' -Tag 'Analyzer' {
        $found = foreach ($file in $files | Where-Object -FilterScript { $_.Name -match '\.ps[dm]?1$' }) {
            # Of a test the analyzer cannot see that its blocks share variables, and its PCs are no secret.
            Invoke-ScriptAnalyzer -Path $file.FullName -Settings (Join-Path $PSScriptRoot 'ScriptAnalyzerSettings.psd1') | Where-Object -FilterScript {
                $file.Name -notlike '*.Tests.ps1' -or $_.RuleName -notin 'PSUseDeclaredVarsMoreThanAssignments', 'PSReviewUnusedParameter', 'PSAvoidUsingComputerNameHardcoded'
            }
        }
        @($found | ForEach-Object -Process { "$($_.ScriptName):$($_.Line) $($_.RuleName) $($_.Message)" }) | Should -BeNullOrEmpty
    }
}

Describe 'The words that are proposed' {
    It 'for -<Parameter> are those of the contract' -ForEach @(
        @{ Parameter = 'Kind'; File = 'events.ts'; Name = 'AGENT_EVENT_KINDS' }
        @{ Parameter = 'Action'; File = 'audit.ts'; Name = 'AUDIT_ACTIONS' }
    ) {
        $text = Get-Content -LiteralPath (Join-Path $root "core/contract/$File") -Raw
        $list = [regex]::Match($text, "$Name = \[([^\]]+)\]").Groups[1].Value
        $words = [regex]::Matches($list, "'(\w+)'").ForEach({ $_.Groups[1].Value })
        InModuleScope -ModuleName Kanade -Parameters @{ Parameter = $Parameter } -ScriptBlock { param($Parameter) Get-KanadeWord -Parameter $Parameter } | Should -Be $words
    }
}

Describe 'The about topics' {
    It 'name no command that is not there' {
        foreach ($topic in Get-ChildItem -Path (Join-Path $root 'ps-module/en-US') -Filter 'about_*.help.txt') {
            $named = [regex]::Matches((Get-Content -LiteralPath $topic.FullName -Raw), '\b[A-Z][a-z]+-Kanade\w*').Value | Sort-Object -Unique
            @($named | Where-Object -FilterScript { $_ -notin $manifest.FunctionsToExport }) | Should -BeNullOrEmpty -Because $topic.Name
            $named | Should -Contain 'Invoke-KanadeExec'
        }
    }
}

Describe 'The topic about_KanadeErrors' {
    BeforeAll {
        # Codes of the API are told where they are made.
        $contract = Get-Content -LiteralPath (Join-Path $root 'core/contract/errors.ts') -Raw
        $reused = [regex]::Matches($contract, '(?m)^  (\w+): \{').ForEach({ $_.Groups[1].Value })
        $topic = Get-Content -LiteralPath (Join-Path $root 'ps-module/en-US/about_KanadeErrors.help.txt') -Raw
        $listed = [regex]::Matches($topic, '(?m)^    Kanade\.(\w+) \(([\w, ]+)\)\r?\n        \S')

        $made = foreach ($file in Get-ChildItem -Path (Join-Path $root 'ps-module') -Filter '*.ps1' -Recurse) {
            $ast = [System.Management.Automation.Language.Parser]::ParseFile($file.FullName, [ref] $null, [ref] $null)
            foreach ($call in $ast.FindAll({ param($node) $node -is [System.Management.Automation.Language.CommandAst] -and $node.GetCommandName() -eq 'Get-KanadeErrorRecord' }, $true)) {
                $said = @{}
                for ($i = 1; $i -lt $call.CommandElements.Count - 1; $i++) {
                    $value = $call.CommandElements[$i + 1]
                    if ($call.CommandElements[$i] -is [System.Management.Automation.Language.CommandParameterAst] -and $value -is [System.Management.Automation.Language.StringConstantExpressionAst]) {
                        $said[$call.CommandElements[$i].ParameterName] = $value.Value
                    }
                }
                if ($said['Code'] -and $said['Code'] -notin $reused) { "$($said['Code']) $($said['Category'])" }
            }
        }
    }

    It 'tells every id the module makes itself, each with its categories, and no other' {
        $reused | Should -Contain 'not_found'
        $told = foreach ($entry in $listed) { foreach ($category in $entry.Groups[2].Value -split ', ') { "$($entry.Groups[1].Value) $category" } }
        ($told | Sort-Object) | Should -Be ($made | Sort-Object -Unique)
    }
}

# Runs the tests of the module under one version of Pester, and writes what came of it as JSON, for tests/support/pester.ts.
# By hand: pwsh -File tests/pester/Invoke-Tests.ps1 -PesterVersion 5.7.1 -Folder Unit
# What is tagged Linux is about a Linux: elsewhere it is left out with -ExcludeTag Linux.
# Those of Integration talk to the backend that KANADE_SERVER and KANADE_TOKEN name; the others are run without it.
param(
    [Parameter(Mandatory = $true)][version] $PesterVersion,
    [Parameter(Mandatory = $true)][ValidateSet('Unit', 'Quality', 'Integration')][string] $Folder,
    # Separated by commas: -File passes on no list.
    [string] $ExcludeTag,
    [string] $ResultPath
)

$ErrorActionPreference = 'Stop'

function Get-Failure([object] $Of) {
    @($Of.ErrorRecord | ForEach-Object -Process { "$_`n$($_.ScriptStackTrace)" }) -join "`n"
}

Import-Module -Name Pester -RequiredVersion $PesterVersion
$configuration = New-PesterConfiguration
$configuration.Run.Path = Join-Path $PSScriptRoot $Folder
$configuration.Run.PassThru = $true
$configuration.Filter.ExcludeTag = @($ExcludeTag.Split(',') | Where-Object -FilterScript { $_ })
$configuration.Output.Verbosity = 'Normal'
$run = Invoke-Pester -Configuration $configuration

$tests = @(
    foreach ($test in $run.Tests) {
        if ($test.Result -ne 'NotRun') { @{ name = $test.ExpandedPath; result = "$($test.Result)"; message = Get-Failure -Of $test } }
    }
    # A file or a block that fails has run none of its tests, and says so only of itself.
    foreach ($block in @($run.FailedBlocks) + @($run.FailedContainers)) {
        if (@($block.ErrorRecord).Count -gt 0) { @{ name = "$block"; result = 'Failed'; message = Get-Failure -Of $block } }
    }
)
if ($ResultPath) { [System.IO.File]::WriteAllText($ResultPath, (ConvertTo-Json -InputObject $tests -Depth 4)) }
if ("$($run.Result)" -ne 'Passed') { exit 1 }

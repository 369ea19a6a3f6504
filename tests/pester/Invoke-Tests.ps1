# Runs the tests of the module under one version of Pester, and writes what came of it as JSON, for tests/integration/pester.test.ts.
# By hand: pwsh -File tests/pester/Invoke-Tests.ps1 -PesterVersion 5.7.1 -ExcludeTag Integration
param(
    [Parameter(Mandatory = $true)][version] $PesterVersion,
    [string[]] $Tag = @(),
    [string[]] $ExcludeTag = @(),
    [string] $ResultPath
)

$ErrorActionPreference = 'Stop'
Import-Module -Name Pester -RequiredVersion $PesterVersion
$configuration = New-PesterConfiguration
$configuration.Run.Path = $PSScriptRoot
$configuration.Run.PassThru = $true
$configuration.Filter.Tag = $Tag
$configuration.Filter.ExcludeTag = $ExcludeTag
$configuration.Output.Verbosity = 'Normal'
$run = Invoke-Pester -Configuration $configuration

# A file or a block that fails has run none of its tests, and says so only of itself.
$failures = @(
    foreach ($test in $run.Failed) { @{ name = $test.ExpandedPath; message = @($test.ErrorRecord | ForEach-Object -Process { "$_`n$($_.ScriptStackTrace)" }) -join "`n" } }
    foreach ($block in @($run.FailedBlocks) + @($run.FailedContainers)) {
        if (@($block.ErrorRecord).Count -gt 0) { @{ name = "$block"; message = @($block.ErrorRecord | ForEach-Object -Process { "$_`n$($_.ScriptStackTrace)" }) -join "`n" } }
    }
)
if ($ResultPath) {
    $result = @{
        result   = "$($run.Result)"
        passed   = $run.PassedCount
        failed   = $run.FailedCount
        skipped  = $run.SkippedCount
        failures = $failures
    }
    [System.IO.File]::WriteAllText($ResultPath, (ConvertTo-Json -InputObject $result -Depth 4))
}
if ("$($run.Result)" -ne 'Passed') { exit 1 }

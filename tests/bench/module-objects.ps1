# 5,000 objects through the commands of the module, against what listens at KANADE_SERVER; for tests/bench/module.ts.
# Writes the milliseconds of each run as JSON, on the last line.
param(
    [Parameter(Mandatory = $true)][string] $Manifest,
    [Parameter(Mandatory = $true)][int] $Count,
    [Parameter(Mandatory = $true)][int] $Repeats
)

$ErrorActionPreference = 'Stop'
Import-Module -Name $Manifest
$names = 1..$Count | ForEach-Object -Process { 'PC-{0:d5}.corp.example.com' -f $_ }
# As Get-ADComputer and others give them.
$objects = $names | ForEach-Object -Process { [pscustomobject] @{ Name = $_.Split('.')[0]; DNSHostName = $_; Enabled = $true } }

$cases = [ordered] @{
    names   = { $names | Invoke-KanadeExec -ScriptBlock { hostname } -WhatIf }
    objects = { $objects | Invoke-KanadeExec -ScriptBlock { hostname } -WhatIf }
    agents  = { @(Get-KanadeAgent).Count }
    results = { @(Receive-KanadeExec -ExecId bench).Count }
    waited  = { @($names | Invoke-KanadeExec -ScriptBlock { hostname } -Wait -Force).Count }
}
$times = @{}
foreach ($case in $cases.Keys) {
    $times[$case] = @(foreach ($n in 1..$Repeats) {
            $clock = [System.Diagnostics.Stopwatch]::StartNew()
            $given = & $cases[$case]
            $clock.Stop()
            if ($null -ne $given -and $given -ne $Count) { throw "$case gave $given objects, not $Count." }
            $clock.Elapsed.TotalMilliseconds
        })
}
ConvertTo-Json -InputObject $times -Compress

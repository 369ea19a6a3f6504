# Writes Promised.psd1 anew. What is new is added to a promise by it; look at the difference for what would be broken.
# pwsh -NoProfile -File tests/pester/Quality/Write-Promised.ps1
$ErrorActionPreference = 'Stop'
. (Join-Path $PSScriptRoot 'Promise.ps1')
Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
$commands = @(Get-Command -Module Kanade | Sort-Object -Property Name)
$width = ($commands.Name | Measure-Object -Property Length -Maximum).Maximum + 2
$lines = @(
    '# What each command promises, as Get-Promise tells it: a name that goes away, a position that changes or a pipeline that is no longer'
    '# heard breaks scripts. Write-Promised.ps1 writes it.'
    '@{'
    $commands | ForEach-Object -Process { "    $("'$($_.Name)'".PadRight($width)) = '$(Get-Promise -Command $_)'" }
    '}'
)
[System.IO.File]::WriteAllText((Join-Path $PSScriptRoot 'Promised.psd1'), ($lines -join "`n") + "`n")

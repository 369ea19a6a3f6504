<#
.SYNOPSIS
    The build for people in PowerShell, Windows PowerShell 5.1 as well as PowerShell 7.
.DESCRIPTION
    Test runs what npm test runs. Module makes the module as it is installed: a folder Kanade/<version> to put below a folder of
    $env:PSModulePath, where PowerShell finds it by the name of any of its commands, and a zip of it. Zip makes that zip anew, after
    the folder's files were signed. Pack runs what npm run pack runs, which makes all that is shipped; on Windows it takes WSL for that.
.PARAMETER Task
    What to do, in this order. Default: Test, then Module.
.PARAMETER Destination
    Where what is made is put. Default: dist beside this file.
.PARAMETER PackArgument
    Further arguments of npm run pack, as they are: such as --release-key and --sign-cert. Paths count from this folder; on Windows they
    are written as WSL has them, for neither they nor the environment are translated: /mnt/c/keys/release.pem.
.EXAMPLE
    ./build.ps1 Module

    Makes dist/Kanade/<version> and dist/Kanade-<version>.zip.
.EXAMPLE
    ./build.ps1 Pack --release-key /mnt/c/keys/release.pem

    Makes all that is shipped, on Windows, with a release by which agents update themselves.
#>
[CmdletBinding()]
[OutputType([System.IO.FileSystemInfo])]
param(
    [Parameter(Position = 0)]
    [ValidateSet('Test', 'Module', 'Zip', 'Pack')]
    [string[]] $Task = @('Test', 'Module'),

    [string] $Destination = (Join-Path -Path $PSScriptRoot -ChildPath 'dist'),

    [Parameter(ValueFromRemainingArguments = $true)]
    [string[]] $PackArgument = @()
)

Set-StrictMode -Version Latest
$ErrorActionPreference = 'Stop'

function Invoke-Test {
    # By its whole name: the default execution policy of Windows keeps npm.ps1 from running.
    $npm = if ([System.Environment]::OSVersion.Platform -eq 'Win32NT') { 'npm.cmd' } else { 'npm' }
    Push-Location -LiteralPath $PSScriptRoot
    try {
        & $npm test
        if ($LASTEXITCODE -ne 0) { throw "npm test ended with $LASTEXITCODE." }
    } finally {
        Pop-Location
    }
}

# The tools that make packages for Windows are those of Linux.
function Invoke-Pack {
    param([string] $Root, [string[]] $Argument)

    Push-Location -LiteralPath $PSScriptRoot
    try {
        if ([System.Environment]::OSVersion.Platform -ne 'Win32NT') {
            & npm run pack -- --destination $Root @Argument
        } else {
            $wsl = Get-Command -Name 'wsl.exe' -CommandType Application -ErrorAction Ignore | Select-Object -First 1
            if ($null -eq $wsl) { throw 'Packing takes Linux, and WSL is not installed: wsl --install, or run npm run pack on a PC with Linux. ./build.ps1 Module makes the PowerShell module here.' }
            # It translates paths that it is given with slashes.
            $linux = & $wsl.Source wslpath -a ($Root.Replace('\', '/'))
            if ($LASTEXITCODE -ne 0) { throw "WSL does not work: wslpath ended with $LASTEXITCODE." }
            & $wsl.Source npm run pack -- --destination $linux @Argument
        }
        if ($LASTEXITCODE -ne 0) { throw "npm run pack ended with $LASTEXITCODE." }
    } finally {
        Pop-Location
    }
}

# The module in one file: a hundred small ones take twice as long to load, and longer where each is scanned.
function Get-MergedModule {
    $source = Join-Path -Path $PSScriptRoot -ChildPath 'ps-module'
    $text = [System.IO.File]::ReadAllText((Join-Path -Path $source -ChildPath 'Kanade.psm1'))
    $begin = $text.IndexOf('# <files>')
    $end = $text.IndexOf('# </files>')
    if ($begin -lt 0 -or $end -lt $begin) { throw 'Kanade.psm1 does not say where its files go.' }
    $merged = New-Object -TypeName System.Text.StringBuilder -ArgumentList $text.Substring(0, $begin)
    $names = @()
    foreach ($folder in 'Private', 'Public') {
        $files = Get-ChildItem -LiteralPath (Join-Path -Path $source -ChildPath $folder) -Filter '*.ps1' -Recurse | Sort-Object -Property FullName -Culture ''
        foreach ($file in $files) {
            $function = [System.IO.File]::ReadAllText($file.FullName).TrimEnd()
            if ($function.Contains('$PSScriptRoot')) { throw "$($file.Name) asks where it lies, which is elsewhere in one file: `$script:KanadeRoot stays." }
            $null = $merged.Append($function).Append("`n`n")
            if ($folder -eq 'Public') { $names += "'$($file.BaseName)'" }
        }
    }
    $null = $merged.Append('$commands = ').Append($names -join ', ').Append($text.Substring($end + '# </files>'.Length))
    return $merged.ToString().Replace("`r`n", "`n")
}

# Compress-Archive of 5.1 writes names that only Windows can unpack, and nothing packs the same bytes twice by itself.
function Compress-Module {
    param([string] $Folder, [string] $Root, [string] $Path)

    Add-Type -AssemblyName System.IO.Compression
    $stream = [System.IO.File]::Create($Path)
    $zip = New-Object -TypeName System.IO.Compression.ZipArchive -ArgumentList $stream, ([System.IO.Compression.ZipArchiveMode]::Create)
    try {
        foreach ($file in Get-ChildItem -LiteralPath $Folder -Recurse -File | Sort-Object -Property FullName -Culture '') {
            $entry = $zip.CreateEntry($file.FullName.Substring($Root.Length + 1).Replace('\', '/'))
            $entry.LastWriteTime = New-Object -TypeName System.DateTimeOffset -ArgumentList 2000, 1, 1, 0, 0, 0, ([timespan]::Zero)
            $bytes = [System.IO.File]::ReadAllBytes($file.FullName)
            $content = $entry.Open()
            try { $content.Write($bytes, 0, $bytes.Length) } finally { $content.Dispose() }
        }
    } finally {
        $zip.Dispose()
        $stream.Dispose()
    }
}

function Invoke-Module {
    param([string] $Root)

    $manifest = [System.IO.File]::ReadAllText((Join-Path -Path $PSScriptRoot -ChildPath 'Kanade.psd1'))
    $version = (Import-PowerShellDataFile -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath 'Kanade.psd1')).ModuleVersion
    $module = Join-Path -Path $Root -ChildPath 'Kanade'
    $folder = Join-Path -Path $module -ChildPath $version
    # What an earlier version had is not to lie beside this one.
    if (Test-Path -LiteralPath $module) { Remove-Item -LiteralPath $module -Recurse -Force }
    $null = New-Item -ItemType Directory -Path $folder
    # As a module lies when it is installed: all beside the manifest, where PowerShell looks for the help as well.
    [System.IO.File]::WriteAllText((Join-Path -Path $folder -ChildPath 'Kanade.psd1'), $manifest.Replace("'ps-module/", "'").Replace("`r`n", "`n"))
    [System.IO.File]::WriteAllText((Join-Path -Path $folder -ChildPath 'Kanade.psm1'), (Get-MergedModule))
    foreach ($part in Get-ChildItem -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath 'ps-module') -Directory) {
        if ($part.Name -in 'Private', 'Public') { continue }
        Copy-Item -LiteralPath $part.FullName -Destination $folder -Recurse
    }
    Copy-Item -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath 'LICENSE') -Destination $folder
    $null = Test-ModuleManifest -Path (Join-Path -Path $folder -ChildPath 'Kanade.psd1')
    Get-Item -LiteralPath $folder
    Invoke-Zip -Root $Root
}

function Invoke-Zip {
    param([string] $Root)

    $version = (Import-PowerShellDataFile -LiteralPath (Join-Path -Path $PSScriptRoot -ChildPath 'Kanade.psd1')).ModuleVersion
    $zip = Join-Path -Path $Root -ChildPath "Kanade-$version.zip"
    Compress-Module -Folder (Join-Path -Path $Root -ChildPath "Kanade/$version") -Root $Root -Path $zip
    Get-Item -LiteralPath $zip
}

if ($Task -contains 'Test') { Invoke-Test }
$place = $PSCmdlet.SessionState.Path.GetUnresolvedProviderPathFromPSPath($Destination)
if ($Task -contains 'Module') { Invoke-Module -Root $place }
if ($Task -contains 'Zip') { Invoke-Zip -Root $place }
if ($Task -contains 'Pack') { Invoke-Pack -Root $place -Argument $PackArgument }

# Plays a PC from what was recorded of it: what stands in its folder is what CIM, the registry, Windows Update, ADSI and qwinsta
# answer, in the shapes of Windows PowerShell 5.1. Dot-sourced in BeforeAll.

# Replaces functions that the module keeps for itself, until Restore-Private. They are not mocked: a mock takes a hundred times as long.
$script:replaced = @{}
function Use-Private([string] $Name, [scriptblock] $Body) {
    $before = & (Get-Module -Name Kanade) { param($Name, $Body) (Get-Item -Path "function:$Name").ScriptBlock; Set-Item -Path "function:script:$Name" -Value $Body } $Name $Body
    if (-not $script:replaced.ContainsKey($Name)) { $script:replaced[$Name] = $before }
}

function Restore-Private {
    foreach ($name in @($script:replaced.Keys)) {
        & (Get-Module -Name Kanade) { param($Name, $Body) Set-Item -Path "function:script:$Name" -Value $Body } $name $script:replaced[$name]
    }
    $script:replaced.Clear()
}

# From now on the module finds itself on this PC.
function Use-RecordedPc([psobject] $Pc) {
    $script:recordedPc = $Pc
    $seams = @{
        'Get-KanadePlatform'         = { 'Windows' }
        'Get-KanadeCimInstance'      = {
            param($ClassName, $Namespace = 'root/cimv2', $Property, $Filter, $TimeoutSec)
            if ($TimeoutSec -gt 30 -or $TimeoutSec -le 0) { throw "$ClassName may take $TimeoutSec s" }
            Get-RecordedCim $script:recordedPc $Namespace $ClassName $Filter $Property
        }
        'Invoke-KanadeCimMethod'     = {
            param($ClassName, $Namespace, $Filter, $MethodName, $Arguments, $TimeoutSec)
            if ($TimeoutSec -gt 30 -or $TimeoutSec -le 0) { throw "$Namespace $ClassName may take $TimeoutSec s" }
            Get-RecordedMethod $script:recordedPc $ClassName $Filter $MethodName $Arguments
        }
        'Get-KanadeRegistryKey'      = {
            param($Hive, $Path, $View = 'Registry64', [switch] $Child, $TimeoutSec)
            if ($TimeoutSec -gt 30) { throw "$Path may take $TimeoutSec s" }
            Get-RecordedRegistry $script:recordedPc $Hive $Path $View -Child:$Child
        }
        'Get-KanadeUpdateRecord'     = {
            param($Kind, $TimeoutSec)
            if ($TimeoutSec -gt 30) { throw "updates may take $TimeoutSec s" }
            Get-RecordedList $script:recordedPc.updates.$Kind
        }
        'Get-KanadeLocalGroupMember' = {
            param($Sid, $TimeoutSec)
            if ($TimeoutSec -gt 30 -or $Sid -ne 'S-1-5-32-544') { throw "$Sid may take $TimeoutSec s" }
            Get-RecordedList $script:recordedPc.group
        }
        'Invoke-KanadeNative'        = {
            param($FilePath, $TimeoutSec, [switch] $AnyExitCode)
            if (-not $AnyExitCode -or $TimeoutSec -gt 30 -or $FilePath -notlike '*qwinsta.exe') { throw "$FilePath was not recorded" }
            Get-RecordedList $script:recordedPc.qwinsta
        }
    }
    foreach ($name in $seams.Keys) { Use-Private $name $seams[$name] }
}

function Get-RecordedPc([string] $Name) {
    $text = [System.IO.File]::ReadAllText((Join-Path $PSScriptRoot "$Name/recorded.json"))
    # 7.5 makes strings of dates only when told so; then all versions give the same.
    if ((Get-Command -Name ConvertFrom-Json).Parameters.ContainsKey('DateKind')) { $pc = ConvertFrom-Json -InputObject $text -DateKind String }
    else { $pc = ConvertFrom-Json -InputObject $text }
    $hives = @{}
    foreach ($hive in $pc.registry.PSObject.Properties) { $hives[$hive.Name] = ConvertTo-RecordedHive $hive.Value }
    $pc.registry = $hives
    $pc
}

# Path -> values, and path -> names of subkeys; keys in between are there too. $null is a hive that nobody may look at.
function ConvertTo-RecordedHive([psobject] $Recorded) {
    if ($Recorded.PSObject.Properties['error'] -and $Recorded.error -is [string]) { return $null }
    $hive = @{ Values = @{}; Children = @{ '' = [System.Collections.ArrayList]::new() } }
    foreach ($key in $Recorded.PSObject.Properties) {
        $values = @{}
        foreach ($value in $key.Value.PSObject.Properties) { $values[$value.Name] = $value.Value }
        $hive.Values[$key.Name] = $values
        $path = ''
        foreach ($part in $key.Name.Split('\')) {
            if ($part -notin $hive.Children[$path]) { $null = $hive.Children[$path].Add($part) }
            $path = "$path\$part".TrimStart('\')
            if (-not $hive.Children.ContainsKey($path)) { $hive.Children[$path] = [System.Collections.ArrayList]::new() }
        }
    }
    $hive
}

# As CIM gives times: of this PC's zone.
function ConvertFrom-Recorded($Value) {
    if ($Value -is [datetime]) { return $Value.ToLocalTime() }
    if ($Value -is [string] -and $Value -match '^/Date\((-?\d+)\)/$') { return [System.DateTimeOffset]::FromUnixTimeMilliseconds([long] $Matches[1]).LocalDateTime }
    # JSON cannot write it otherwise.
    if ($Value -is [System.Numerics.BigInteger] -or $Value -is [double]) { return [uint64]::MaxValue }
    if ($Value -is [array]) { return , $Value }
    $Value
}

# What Get-CimInstance ends with: an exception of CIM, a message in the language of the PC, and the HRESULT in its id.
function Get-CimError([string] $HResult, [string] $Native, [string] $Message) {
    $exception = [Microsoft.Management.Infrastructure.CimException]::new($Message)
    [Microsoft.Management.Infrastructure.CimException].GetProperty('NativeErrorCode').SetValue($exception, [Microsoft.Management.Infrastructure.NativeErrorCode] $Native)
    [System.Management.Automation.ErrorRecord]::new($exception, "HRESULT $HResult,Microsoft.Management.Infrastructure.CimCmdlets.GetCimInstanceCommand", 'NotSpecified', $null)
}

function Get-Error([System.Exception] $Exception) {
    [System.Management.Automation.ErrorRecord]::new($Exception, $Exception.GetType().Name, 'NotSpecified', $null)
}

function Get-RecordedCim([psobject] $Pc, [string] $Namespace, [string] $ClassName, [string] $Filter, [string[]] $Property) {
    $name = "$Namespace/$ClassName"
    if ($Filter) { $name += " WHERE $Filter" }
    $recorded = $Pc.cim.PSObject.Properties[$name]
    if ($null -eq $recorded) { return Get-CimError '0x80041010' 'InvalidClass' "Invalid class: $name" }
    if ($recorded.Value -isnot [array]) { return Get-CimError $recorded.Value.error.hresult $recorded.Value.error.native $recorded.Value.error.message }
    foreach ($instance in $recorded.Value) {
        $plain = [ordered] @{}
        foreach ($wanted in $Property) {
            if ($null -eq $instance.PSObject.Properties[$wanted]) { return Get-CimError '0x80041017' 'InvalidQuery' 'Invalid query ' }
            $plain[$wanted] = ConvertFrom-Recorded $instance.$wanted
        }
        [pscustomobject] $plain
    }
}

function Get-RecordedMethod([psobject] $Pc, [string] $ClassName, [string] $Filter, [string] $MethodName, [System.Collections.IDictionary] $Arguments) {
    $name = "$ClassName.$MethodName"
    if ($MethodName -eq 'GetKeyProtectorType') { $name += "($($Arguments.VolumeKeyProtectorID))" }
    $recorded = $Pc.methods.PSObject.Properties["$name WHERE $Filter"]
    if ($null -eq $recorded) { throw "$name WHERE $Filter was not recorded" }
    $recorded.Value
}

function Get-RecordedRegistry([psobject] $Pc, [string] $Hive, [string] $Path, [string] $View, [switch] $Child) {
    $recorded = $Pc.registry["$Hive $View"]
    if ($null -eq $recorded) { return Get-Error ([System.UnauthorizedAccessException]::new('Attempted to perform an unauthorized operation.')) }
    $names = $recorded.Children[$Path]
    if ($null -eq $names) { return }
    if ($Child) {
        foreach ($name in $names) {
            $key = Get-RecordedRegistry $Pc $Hive "$Path\$name" $View
            if ($key -is [System.Management.Automation.ErrorRecord]) { $key = [pscustomobject] @{ Name = $name; Values = @{}; SubKeyNames = @(); Failure = $key } }
            $key
        }
        return
    }
    $values = $recorded.Values[$Path]
    if ($null -eq $values) { $values = @{} }
    if ($values['error'] -eq 'denied') { return Get-Error ([System.Security.SecurityException]::new('Requested registry access is not allowed.')) }
    [pscustomobject] @{ Name = $Path.Split('\')[-1]; Values = $values; SubKeyNames = $names.ToArray(); Failure = $null }
}

# Windows Update, ADSI and qwinsta: a list, or the error that they end with.
function Get-RecordedList($Recorded) {
    if ($Recorded -isnot [array]) {
        if ($Recorded.error -is [string]) { return Get-Error ([System.ComponentModel.Win32Exception]::new(2)) }
        return Get-Error ([System.Runtime.InteropServices.COMException]::new($Recorded.error.message, [Convert]::ToInt32($Recorded.error.hresult, 16)))
    }
    foreach ($item in $Recorded) {
        if ($item -is [string]) { $item; continue }
        $plain = [ordered] @{}
        foreach ($property in $item.PSObject.Properties) { $plain[$property.Name] = ConvertFrom-Recorded $property.Value }
        # COM has times without a zone.
        if ($plain.Contains('Date')) { $plain.Date = [datetime]::SpecifyKind($plain.Date.ToUniversalTime(), 'Unspecified') }
        [pscustomobject] $plain
    }
}

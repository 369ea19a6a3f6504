# Asks Kanade.Native.dll, as it is compiled for this CLR, about the PCs of the cases that a file holds, and writes the answers as JSON.
param([Parameter(Mandatory = $true)][string] $Library, [Parameter(Mandatory = $true)][string] $Cases)

$ErrorActionPreference = 'Stop'
Add-Type -Path $Library
$now = [datetime]::Parse('2026-11-21T12:00:00Z').ToUniversalTime()

function ConvertTo-RegistryValue($Value) {
    if ($Value -is [long]) { return [int] $Value }
    if ($Value.PSObject.Properties['bytes']) { return , [byte[]] $Value.bytes }
    if ($Value -is [array]) { return , [string[]] $Value }
    return $Value
}

$answers = foreach ($case in Get-Content -Raw -LiteralPath $Cases | ConvertFrom-Json) {
    # What there is by its path: the keys, and below each the values by their names.
    $keys = @{}
    foreach ($key in $case.registry.PSObject.Properties) {
        $keys[$key.Name] = @{}
        foreach ($value in $key.Value.PSObject.Properties) { $keys[$key.Name][$value.Name] = ConvertTo-RegistryValue $value.Value }
    }
    $has = [Func[string, bool]] { param($path) $keys.ContainsKey($path) }.GetNewClosure()
    $value = [Func[string, string, object]] { param($path, $name) if ($keys.ContainsKey($path)) { , $keys[$path][$name] } }.GetNewClosure()
    $runs = [Func[bool]] { $case.runs -ne $false }.GetNewClosure()
    $sessions = [Collections.Generic.List[Kanade.Native.Session]]::new()
    foreach ($each in $case.sessions) { $sessions.Add([Kanade.Native.Session]::new($each.id, $each.user, $each.domain)) }
    switch ($case.ask) {
        'user' { @{ is = [Kanade.Native.Session]::UserOf($sessions, $case.console) } }
        'reboot' { @{ is = @([Kanade.Native.PendingReboot]::Reasons($has, $value)) } }
        'defender' { @{ is = [Kanade.Native.Defender]::State($has, $value, $runs, $now) } }
        # As edge-js does: an instance, made by name, and a task.
        'all' { @{ is = [Activator]::CreateInstance([Kanade.Native.PcFacts]).Read($null).GetAwaiter().GetResult() } }
    }
}
ConvertTo-Json -InputObject @($answers) -Depth 5 -Compress

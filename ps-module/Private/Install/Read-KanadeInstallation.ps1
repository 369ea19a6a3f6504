# On the PC itself: what Test-KanadeAgentInstallation judges by. Of each fact its value, or, under its name with Failure behind it, why it
# could not be had. No secret is among them.
function Read-KanadeInstallation {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param()

    $facts = @{ ComputerName = [System.Environment]::MachineName }
    $look = {
        param($Name, $Of)
        try {
            $facts[$Name] = & $Of
        } catch {
            $facts["${Name}Failure"] = $_.Exception.GetBaseException().Message
        }
    }
    $programs = [System.IO.Path]::Combine((Get-KanadeKnownFolder -Name ProgramFiles), 'Kanade', 'Agent')
    $data = [System.IO.Path]::Combine((Get-KanadeKnownFolder -Name CommonApplicationData), 'Kanade')
    # Of a token only that there is one, of a proxy where it is, without name and password.
    $plain = { param($Url) "$Url" -replace '^([^/]*//)?.*@', '$1' }
    $values = {
        param($Values)
        $told = @{}
        foreach ($name in $Values.Keys) {
            if ("$($Values[$name])" -eq '') { continue }
            $told[$name] = switch ($name) {
                'EnrolmentToken' { '(set)' }
                'Proxy' { & $plain $Values[$name] }
                default { "$($Values[$name])" }
            }
        }
        $told
    }
    & $look 'Elevated' { Test-KanadeElevation }
    & $look 'Service' { Get-KanadeServiceState }
    & $look 'Machine' { & $values (Get-KanadeMachineValue -Path 'SOFTWARE\Kanade\Agent') }
    & $look 'Policy' { & $values (Get-KanadeMachineValue -Path 'SOFTWARE\Policies\Kanade\Agent') }
    & $look 'File' {
        $path = [System.IO.Path]::Combine($data, 'settings.json')
        $found = @{}
        if (-not [System.IO.File]::Exists($path)) { return $found }
        $settings = ConvertFrom-Json -InputObject ([System.IO.File]::ReadAllText($path))
        # As the registry calls them.
        $names = @{
            server = 'Server'; enrolment_token = 'EnrolmentToken'; nats = 'NatsUrl'; tls_ca = 'TlsCa'; proxy = 'Proxy'; pc_id = 'PcId'; groups = 'Groups'
            parallel_runs = 'ParallelRuns'; output_limit_kb = 'OutputLimitKb'; outbox_limit_mb = 'OutboxLimitMb'; inventory_interval = 'InventoryInterval'
            update_ring = 'UpdateRing'; update_on_metered = 'UpdateOnMetered'; log_level = 'LogLevel'
        }
        foreach ($property in $settings.PSObject.Properties) {
            if ($names.ContainsKey($property.Name)) { $found[$names[$property.Name]] = $property.Value }
        }
        & $values $found
    }
    # Of the machine, which the service goes by where it is told no other.
    & $look 'HttpsProxy' { & $plain (Get-KanadeMachineValue -Path 'SYSTEM\CurrentControlSet\Control\Session Manager\Environment')['HTTPS_PROXY'] }
    & $look 'Versions' { , [string[]] @([System.IO.Directory]::GetDirectories([System.IO.Path]::Combine($programs, 'versions')) | ForEach-Object -Process { [System.IO.Path]::GetFileName($_) }) }
    & $look 'Host' { [System.IO.File]::ReadAllText([System.IO.Path]::Combine($data, 'host', 'state.txt')) }
    & $look 'Identity' { [System.IO.Directory]::GetFiles([System.IO.Path]::Combine($data, 'agent'), 'identity.json').Length -eq 1 }
    & $look 'Defender' { Get-KanadeDefenderState }
    $server = $null
    foreach ($from in 'File', 'Machine', 'Policy') {
        if ($facts[$from] -and $facts[$from]['Server']) { $server = $facts[$from]['Server'] }
    }
    if ($server) { & $look 'Clock' { Get-KanadeServerClock -Uri $server } }
    return $facts
}

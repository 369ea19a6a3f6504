# What is to be said of an installation by its facts, of Read-KanadeInstallation, and by what the backend says of the PC. Pure.
function ConvertTo-KanadeInstallationCheck {
    [CmdletBinding()]
    [OutputType('Kanade.InstallationCheck')]
    param(
        [Parameter(Mandatory = $true)][string] $ComputerName,
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Fact,
        # The PC, as the backend knows it; an ErrorRecord when it does not; $null when nobody was asked.
        [AllowNull()][psobject] $Known
    )

    $pc = $ComputerName
    $check = {
        param($Name, $State, $Detail, $WhatToDo)
        [pscustomobject] @{ PSTypeName = 'Kanade.InstallationCheck'; ComputerName = $pc; Name = $Name; State = $State; Detail = $Detail; WhatToDo = $WhatToDo }
    }
    $elevate = if ($Fact['Elevated']) { '' } else { ' Look from an elevated PowerShell.' }
    $unknown = { param($Name, $Of) & $check $Name 'unknown' "It cannot be looked at: $($Fact["${Of}Failure"])" "Nothing is known to be wrong.$elevate" }

    # Highest first.
    $set = [ordered] @{}
    foreach ($from in @{ Of = 'Policy'; Says = 'Group Policy' }, @{ Of = 'Machine'; Says = 'installation' }, @{ Of = 'File'; Says = 'settings.json' }) {
        $values = $Fact[$from.Of]
        if ($null -eq $values) { continue }
        foreach ($name in $values.Keys | Sort-Object) {
            if ($name -ne 'Version' -and -not $set.Contains($name)) { $set[$name] = @{ Value = $values[$name]; From = $from.Says } }
        }
    }

    if ($Fact.Contains('ServiceFailure')) { & $unknown 'Service' 'Service' }
    elseif (-not $Fact['Service']) { & $check 'Service' 'failed' 'The service KanadeAgent is not there.' 'Install-KanadeAgent installs it.' }
    elseif ($Fact['Service'] -eq 'Running') { & $check 'Service' 'ok' 'It runs.' $null }
    elseif ($Fact['Service'] -in 'StartPending', 'ContinuePending') { & $check 'Service' 'warning' "It is $($Fact['Service'])." 'Look again in a minute.' }
    else { & $check 'Service' 'failed' "It is $($Fact['Service'])." 'Start-Service KanadeAgent. If it does not stay: C:\ProgramData\Kanade\host\log\KanadeAgent.log says why, and so does the Event Log, source Kanade.' }

    $installed = $null
    if ($Fact['Machine']) { $installed = $Fact['Machine']['Version'] }
    $running = $null
    if ("$($Fact['Host'])" -match '(?m)^current (\S+)') { $running = $Matches[1] }
    $barred = @([regex]::Matches("$($Fact['Host'])", '(?m)^barred (\S+)') | ForEach-Object -Process { $_.Groups[1].Value })
    # What it has left behind it wants nothing.
    $barred = @($barred | Where-Object -FilterScript { -not ($_ -as [version]) -or ($_ -as [version]) -gt ($running -as [version]) })
    if ($Fact.Contains('MachineFailure')) { & $unknown 'Version' 'Machine' }
    elseif (-not $installed) { & $check 'Version' 'failed' 'No version is installed.' 'Install-KanadeAgent installs it.' }
    elseif (-not $running) { & $check 'Version' 'ok' "$installed is installed; which one runs is not known here." $null }
    elseif ($barred.Count -gt 0) { & $check 'Version' 'warning' "$running runs. Barred, because they did not work: $($barred -join ', ')." 'Have a version made that is newer than those; the log of the service says what was wrong with them.' }
    else { & $check 'Version' 'ok' "$running runs; the package that was installed is of $installed." $null }

    if (-not $set.Contains('Server')) { & $check 'Server' 'failed' 'Nobody has said where the server is.' 'Install-KanadeAgent -Server tells it, or a policy does.' }
    elseif ($Fact.Contains('Clock')) { & $check 'Server' 'ok' "$($set['Server'].Value) answers." $null }
    elseif ($set.Contains('Proxy')) { & $check 'Server' 'unknown' "$($set['Server'].Value) does not answer directly; the agent goes through $($set['Proxy'].Value)." 'Look at Connection.' }
    elseif ($Fact['HttpsProxy'] -and $set['Server'].Value -match '^https://(?!localhost\b|127\.|\[::1\])') { & $check 'Server' 'unknown' "$($set['Server'].Value) does not answer directly; HTTPS_PROXY of the machine leads the agent through $($Fact['HttpsProxy'])." 'Look at Connection.' }
    else { & $check 'Server' 'failed' "$($set['Server'].Value) does not answer: $($Fact['ClockFailure'])" 'Is the name known there, and does a firewall let it through? Behind a proxy the setting Proxy is needed.' }

    $online = $null -ne $Known -and $Known -isnot [System.Management.Automation.ErrorRecord]
    if ($online -and $Known.identity -eq 'revoked') { & $check 'Identity' 'failed' 'The backend has revoked it.' 'Install-KanadeAgent tells it a new token; then Approve-KanadeEnrolment.' }
    elseif ($Fact.Contains('IdentityFailure')) { & $unknown 'Identity' 'Identity' }
    elseif ($Fact['Identity']) { & $check 'Identity' 'ok' 'The PC has one.' $null }
    elseif ($set.Contains('EnrolmentToken')) { & $check 'Identity' 'warning' 'The PC has a token, and no identity yet.' 'Get-KanadeEnrolment says whether it waits for an approval, Get-KanadeEnrolmentToken whether its token was refused, and the newest file in C:\ProgramData\Kanade\agent\log the rest.' }
    else { & $check 'Identity' 'failed' 'The PC has neither identity nor token.' 'Install-KanadeAgent tells it one, with the same package, too.' }

    if ($null -eq $Known) { & $check 'Connection' 'unknown' 'No backend was asked.' 'Connect-Kanade, and look again.' }
    elseif (-not $online) {
        $missing = $Known.FullyQualifiedErrorId -match '^Kanade\.(not_found|unknown_pc)\b'
        if ($missing) { & $check 'Connection' 'failed' 'The backend knows no PC of this name.' 'Look at Identity; a policy or the settings may have given it another name.' }
        else { & $check 'Connection' 'unknown' "The backend does not say: $($Known.Exception.Message)" 'Look again later.' }
    } elseif (-not $Known.online) { & $check 'Connection' 'failed' "Last heard of at $(ConvertFrom-KanadeInstant -Value $Known.last_seen)." 'Look at Service, Server and Identity; the newest file in C:\ProgramData\Kanade\agent\log says what it tries.' }
    elseif (@($Known.problems).Count -gt 0) { & $check 'Connection' 'warning' "It is connected, and says: $(@($Known.problems | ForEach-Object -Process { $_.code }) -join ', ')." "Get-KanadeAgent $($Known.pc_id) | Format-List says more." }
    else { & $check 'Connection' 'ok' 'It is connected.' $null }

    $failed = @('Policy', 'Machine', 'File' | Where-Object -FilterScript { $Fact.Contains("${_}Failure") })
    if ($failed.Count -gt 0) { & $unknown 'Policy' $failed[0] }
    else {
        $told = @($set.Keys | ForEach-Object -Process { "$_ = $($set[$_].Value) ($($set[$_].From))" })
        if ($told.Count -eq 0) { $told = @('Nothing is set.') }
        & $check 'Policy' 'ok' ($told -join '; ') $null
    }

    $defender = $Fact['Defender']
    if ($null -eq $defender) { & $unknown 'Defender' 'Defender' }
    elseif (@($defender.Found).Count -gt 0) { & $check 'Defender' 'warning' "It has found something in: $(@($defender.Found) -join ', ')." 'Get-MpThreatDetection says what. docs/deploy.md says which folders to exclude, if it was wrong.' }
    elseif (-not $defender.RealTime) { & $check 'Defender' 'ok' 'It does not watch files here.' $null }
    else {
        $mine = @($defender.Excluded | Where-Object -FilterScript { $_ -like '*\Kanade*' })
        if ($mine.Count -gt 0) { & $check 'Defender' 'ok' "Excluded: $($mine -join ', ')." $null }
        else { & $check 'Defender' 'ok' 'It watches, with no exclusion for the agent, which needs none to work.' $null }
    }

    if (-not $Fact.Contains('Clock')) { & $check 'Clock' 'unknown' 'There is no server to compare it with.' 'Look at Server.' }
    else {
        $off = [Math]::Abs($Fact['Clock'])
        $said = "It differs from that of the server by $([Math]::Round($off)) s."
        if ($off -le 120) { & $check 'Clock' 'ok' $said $null }
        # Certificates count from a day before they were made.
        elseif ($off -lt 86400) { & $check 'Clock' 'warning' $said 'w32tm /resync. The agent goes by the time of the broker meanwhile.' }
        else { & $check 'Clock' 'failed' $said 'w32tm /resync: by such a clock no certificate of the server counts.' }
    }
}

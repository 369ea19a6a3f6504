# What the backend has for a parameter, each with a word on what it is; nothing when it does not answer at once.
function Find-KanadeCompletion {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][string] $Parameter,
        [Parameter(Mandatory = $true)][AllowEmptyString()][string] $Typed
    )

    $request = @{ Once = $true; TimeoutSec = 2; PassError = $true; Query = @{} }
    switch ($Parameter) {
        'ComputerName' {
            $request.Path = '/agents'
            $request.Query.limit = 500
            if ($Typed) { $request.Query.q = $Typed }
        }
        'Retired' {
            $request.Path = '/agents'
            $request.Query.limit = 500
            $request.Query.retired = 'true'
        }
        'Group' { $request.Path = '/groups' }
        'JobId' {
            $request.Path = '/jobs'
            $request.Query.limit = 500
        }
        'ScheduleId' {
            $request.Path = '/schedules'
            $request.Query.limit = 500
        }
        # The newest are what somebody means who types an id.
        'ExecId' { $request.Path = '/executions' }
        'RolloutId' { $request.Path = '/rollouts' }
        'TokenId' {
            $request.Path = '/enrolment-tokens'
            $request.Query.limit = 500
        }
        'KeyId' { $request.Path = '/command-keys' }
        'ReleaseId' { $request.Path = '/releases' }
        'EnrolmentId' {
            $request.Path = '/enrolments'
            $request.Query.limit = 500
        }
    }
    $answer = Invoke-KanadeRestMethod @request
    if ($null -eq $answer -or $answer -is [System.Management.Automation.ErrorRecord]) { return }
    foreach ($item in $answer.items) {
        $found = switch ($Parameter) {
            'ComputerName' { [pscustomobject] @{ Text = $item.pc_id; Tip = "$(if ($item.online) { 'online' } else { 'offline' }), $($item.os)" } }
            'Retired' { [pscustomobject] @{ Text = $item.pc_id; Tip = "retired $(ConvertFrom-KanadeInstant -Value $item.retired_at)" } }
            'Group' { [pscustomobject] @{ Text = $item.group; Tip = Format-KanadePcCount -Number $item.members } }
            'JobId' { [pscustomobject] @{ Text = $item.id; Tip = "$($item.description)" } }
            'ScheduleId' { [pscustomobject] @{ Text = $item.id; Tip = "job $($item.job_id), $(if ($item.enabled) { 'enabled' } else { 'disabled' })" } }
            'ExecId' { [pscustomobject] @{ Text = $item.exec_id; Tip = "$(ConvertFrom-KanadeInstant -Value $item.submitted_at) $($item.status), $(Format-KanadePcCount -Number $item.target_count): $(@($item.job_id, $item.script_preview | Where-Object -FilterScript { $_ })[0])" } }
            'RolloutId' { [pscustomobject] @{ Text = $item.rollout_id; Tip = "$(ConvertFrom-KanadeInstant -Value $item.created_at) $($item.status), $(Format-KanadePcCount -Number $item.target_count)" } }
            'TokenId' { [pscustomobject] @{ Text = $item.id; Tip = "$(if ($item.usable) { 'until' } else { 'over, was until' }) $(ConvertFrom-KanadeInstant -Value $item.expires_at): $($item.description)" } }
            'KeyId' { [pscustomobject] @{ Text = $item.id; Tip = "$($item.state), of the backend $($item.backend_id)" } }
            'ReleaseId' { [pscustomobject] @{ Text = $item.release; Also = $item.version; Tip = "$(if ($item.expired) { 'expired' } else { 'until' }) $(ConvertFrom-KanadeInstant -Value $item.expires_at)" } }
            'EnrolmentId' { [pscustomobject] @{ Text = $item.id; Also = $item.pc_id; Tip = "$($item.pc_id) from $($item.source_ip), $($item.state): $($item.reason)" } }
        }
        # A PC says of itself what it likes.
        $found.Tip = (Format-KanadeCell -Value $found.Tip) -replace '\s+', ' '
        $found
    }
}

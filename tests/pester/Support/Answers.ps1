# What the backend answers, for tests that put the one function aside which speaks with it. Dot-source it in BeforeAll, after the module is
# imported.

. (Join-Path $PSScriptRoot 'Refusal.ps1')

# A PC of an execution.
function Row([string] $Pc, [string] $State, [string] $ResultId) {
    [pscustomobject] @{ pc_id = $Pc; state = $State; reason = $null; exit_code = $(if ($State -eq 'succeeded') { 0 }); reboot_required = $false; started_at = $null; finished_at = $null; result_id = $ResultId }
}

# Of these rows the ones that a list is asked for.
function Asked([object[]] $Rows, [System.Collections.IDictionary] $Query) {
    $Rows | Where-Object -FilterScript { (-not $Query['state'] -or $_.state -in $Query['state'].Split(',')) -and (-not $Query['pc'] -or $_.pc_id -in $Query['pc'].Split(',')) }
}

function Count([object[]] $Rows) {
    $counts = [ordered] @{}
    foreach ($state in 'queued', 'running', 'succeeded', 'failed', 'timed_out', 'killed', 'unknown', 'skipped', 'expired', 'cancelled', 'lost') {
        $counts[$state] = @($Rows | Where-Object -FilterScript { $_.state -eq $state }).Count
    }
    [pscustomobject] $counts
}

function Execution([object[]] $Rows, [string] $Id = 'e1') {
    $open = @($Rows | Where-Object -FilterScript { $_.state -in 'queued', 'running' }).Count
    [pscustomobject] @{
        exec_id = $Id; status = $(if ($open -gt 0) { 'running' } else { 'done' }); submitted_at = '2024-01-02T03:04:05Z'; expires_at = $null; actor = 'admin'; job_id = $null
        shell = 'powershell'; update_version = $null; script_preview = 'hostname'; target = [pscustomobject] @{ pcs = @('PC1', 'PC2') }; target_count = $Rows.Count
        counts = Count $Rows; cancelled = $null; rerun_of = $null; schedule_id = $null; rollout_id = $null; wave = $null
    }
}

# One wave per list of rows; of $null it is a wave that was not sent.
function Rollout([string] $Status, [object[]] $Waves, [psobject] $Halted) {
    $n = -1
    $views = foreach ($rows in $Waves) {
        $n++
        $sent = $null -ne $rows
        $of = { param($States) @($rows | Where-Object -FilterScript { $null -ne $_ -and $_.state -in $States }).Count }
        [pscustomobject] @{
            n = $n; count = 2; exec_id = $(if ($sent) { "w$n" }); started_at = $(if ($sent) { '2024-01-02T03:04:05Z' }); counts = $(if ($sent) { Count $rows })
            succeeded = & $of 'succeeded'; failed = & $of @('failed', 'timed_out'); unreachable = & $of 'queued'; put_off = 0; skipped = & $of @('skipped', 'cancelled'); running = & $of 'running'; waiting = 0
        }
    }
    [pscustomobject] @{
        rollout_id = 'r1'; status = $Status; actor = 'admin'; created_at = '2024-01-02T03:04:05Z'; job_id = $null; schedule_id = $null; nominal_at = $null
        target = [pscustomobject] @{ all = $true }; target_count = 2 * $Waves.Count; plan = [pscustomobject] @{ waves = @(1, '100%') }; waves = @($views)
        history = @([pscustomobject] @{ at = '2024-01-02T03:04:05Z'; by = 'admin'; what = 'started'; detail = $null }); halted = $Halted
        next = [pscustomobject] @{ wave = 1; why = 'wave 1 is about to start' }
    }
}

# What became of an execution on one PC. Asks for what the script wrote when it has ended and the row does not say.
function ConvertTo-KanadeExecResult {
    [CmdletBinding()]
    [OutputType('Kanade.ExecResult')]
    param(
        [Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $Row,
        [Parameter(Mandatory = $true)][string] $ExecId
    )

    process {
        $output = @{ Stdout = $null; Stderr = $null }
        if ($Row.PSObject.Properties['stdout'] -and $Row.stdout -is [string] -and $Row.stderr -is [string]) {
            $output = @{ Stdout = $Row.stdout; Stderr = $Row.stderr }
        } elseif ($Row.result_id -and $Row.state -in 'succeeded', 'failed', 'timed_out', 'killed', 'unknown', 'skipped') {
            $output = Get-KanadeOutput -ResultId $Row.result_id
        }
        [pscustomobject] @{
            PSTypeName     = 'Kanade.ExecResult'
            ComputerName   = $Row.pc_id
            State          = $Row.state
            Reason         = $Row.reason
            ExitCode       = $Row.exit_code
            Stdout         = $output.Stdout
            Stderr         = $output.Stderr
            StartedAt      = ConvertFrom-KanadeInstant -Value $Row.started_at
            FinishedAt     = ConvertFrom-KanadeInstant -Value $Row.finished_at
            RebootRequired = $Row.reboot_required
            ExecId         = $ExecId
        }
    }
}

# Waits until a PC has started an execution, and gives the id of its result. That it never will is an error of the command.
function Wait-KanadeStart {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][string] $ExecId,
        [Parameter(Mandatory = $true)][string] $PcId,
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet
    )

    $activity = "Execution $ExecId"
    $pause = 100.0
    $waited = $false
    # Whoever watches a PC that is off would see nothing for days. Looked for every so many seconds, and said once.
    $lookEvery = 5
    $lookAt = 0.0
    $clock = [System.Diagnostics.Stopwatch]::StartNew()
    while ($true) {
        $row = @(Get-KanadeRowOfPc -ExecId $ExecId -PcId $PcId)[0]
        if ($row.state -in 'cancelled', 'expired', 'lost') {
            $reason = if ($row.reason) { ": $($row.reason)" } else { '' }
            $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'no_output' -Category ObjectNotFound -TargetObject $PcId -Message "There is no output of ${PcId}: it is $($row.state)$reason."))
            break
        }
        if ($row.result_id) {
            $row.result_id
            break
        }
        Write-Progress -Activity $activity -Status "$PcId has not started it yet"
        $waited = $true
        if ($clock.Elapsed.TotalSeconds -ge $lookAt) {
            $lookAt = $clock.Elapsed.TotalSeconds + $lookEvery
            $agent = Invoke-KanadeRestMethod -Path ('/agents/' + [uri]::EscapeDataString($PcId)) -PassError
            if ($agent -isnot [System.Management.Automation.ErrorRecord] -and -not $agent.online) {
                Write-Warning -Message "$PcId is off, last seen $(ConvertFrom-KanadeInstant -Value $agent.last_seen). What it writes follows when it is back and has started it."
                $lookAt = [double]::PositiveInfinity
            }
        }
        Start-Sleep -Milliseconds ([int] $pause)
        $pause = [Math]::Min(2000.0, $pause * 1.5)
    }
    if ($waited) { Write-Progress -Activity $activity -Completed }
}

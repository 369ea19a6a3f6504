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
    $watch = Get-KanadeWatch
    $waited = $false
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
        # Whoever watches a PC that is off would see nothing for days. It is said once.
        if (Test-KanadeLook -Watch $watch) {
            $agent = Invoke-KanadeRestMethod -Path ('/agents/' + [uri]::EscapeDataString($PcId)) -PassError
            if ($agent -isnot [System.Management.Automation.ErrorRecord] -and -not $agent.online) {
                Write-Warning -Message "$PcId is off, last seen $(ConvertFrom-KanadeInstant -Value $agent.last_seen). What it writes follows when it is back and has started it."
                $watch.LookAt = [double]::PositiveInfinity
            }
        }
        $null = Wait-KanadePause -Watch $watch
    }
    if ($waited) { Write-Progress -Activity $activity -Completed }
}

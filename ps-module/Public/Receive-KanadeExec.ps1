function Receive-KanadeExec {
    <#
    .SYNOPSIS
        Gets the results of executions, or follows what a PC writes while it runs.
    .DESCRIPTION
        Gives one result per PC as it is now; it does not wait, and can be asked again and again. Stdout and Stderr are what was
        written, to the last byte: they end with a new line where the script ended one, and $result.Stdout.Trim() is without. What was
        not run says why in Reason. With -Follow it gives the lines that
        one PC writes, as they come, until the script has ended; each line knows its Stream (stdout or stderr). Ctrl-C ends the
        watching and not the script, and a connection that breaks is taken up where it broke.
    .PARAMETER ExecId
        The executions, also from the pipeline.
    .PARAMETER ComputerName
        Only these PCs. Of a full name the first label counts, whatever its case.
    .PARAMETER State
        Only PCs in one of these states.
    .PARAMETER Follow
        Gives what the PC writes as lines of text, from the beginning, while it runs. Waits when it has not started yet, and
        warns when the PC is off.
    .EXAMPLE
        Get-KanadeExec -First 1 | Receive-KanadeExec

        What each PC said of the newest execution.
    .EXAMPLE
        Receive-KanadeExec -ExecId c3805be1a31e9b54 -State failed, timed_out | Format-List

        What went wrong, whole.
    .EXAMPLE
        $exec = Invoke-KanadeExec -ComputerName PC1 -FilePath .\Install.ps1
        $exec | Receive-KanadeExec -Follow

        Shows on this screen what the script writes on PC1.
    .INPUTS
        System.String, or any object with an ExecId, such as a Kanade.Execution, a Kanade.Rollout or a Kanade.ExecResult.
    .OUTPUTS
        Kanade.ExecResult, or lines of text with -Follow.
    #>
    [CmdletBinding(DefaultParameterSetName = 'Result')]
    [OutputType('Kanade.ExecResult', ParameterSetName = 'Result')]
    [OutputType([string], ParameterSetName = 'Follow')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'exec_id')]
        [string[]] $ExecId,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [Alias('PSComputerName', 'pc_id')]
        [string[]] $ComputerName,

        [Parameter(ParameterSetName = 'Result')]
        [ValidateSet('queued', 'running', 'succeeded', 'failed', 'timed_out', 'killed', 'unknown', 'skipped', 'expired', 'cancelled', 'lost')]
        [string[]] $State,

        [Parameter(ParameterSetName = 'Follow', Mandatory = $true)]
        [switch] $Follow
    )

    process {
        try {
            foreach ($id in $ExecId) {
                if ($null -eq (Get-KanadeExecution -ExecId $id -Cmdlet $PSCmdlet)) { continue }
                if (-not $Follow) {
                    Get-KanadeTargetRow -ExecId $id -ComputerName $ComputerName -State $State -Output -Cmdlet $PSCmdlet | ConvertTo-KanadeExecResult -ExecId $id
                    continue
                }
                $rows = @(Get-KanadeTargetRow -ExecId $id -ComputerName $ComputerName -Cmdlet $PSCmdlet)
                if ($rows.Count -gt 1) {
                    throw (Get-KanadeErrorRecord -Code 'follow_one_pc' -Category InvalidArgument -TargetObject $id -Message "The execution $id is for $($rows.Count) PCs, and one is followed at a time: say which by -ComputerName.")
                }
                foreach ($row in $rows) { Watch-KanadeOutput -ExecId $id -PcId $row.pc_id -Cmdlet $PSCmdlet }
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

function Stop-KanadeExec {
    <#
    .SYNOPSIS
        Cancels executions, wholly or on some PCs.
    .DESCRIPTION
        PCs that have not started it never will, and where it runs it is ended with everything it has started (state killed). What has
        ended stays as it is, and where all has ended a warning says so and nobody is asked. Gives the execution as it is then. A PC
        that is off hears of it when it is back.
    .PARAMETER ExecId
        The executions, also from the pipeline.
    .PARAMETER ComputerName
        Only on these PCs. Of a full name the first label counts, whatever its case. Results from the pipeline name theirs.
    .PARAMETER WhatIf
        Says what would be cancelled, and cancels nothing.
    .PARAMETER Confirm
        Asks for each; that is the default. -Confirm:$false does not ask.
    .EXAMPLE
        Stop-KanadeExec -ExecId c3805be1a31e9b54

        Asks, and cancels it everywhere.
    .EXAMPLE
        Receive-KanadeExec -ExecId c3805be1a31e9b54 -State queued | Stop-KanadeExec -Confirm:$false

        Cancels it on the PCs that have not started it, without asking.
    .INPUTS
        System.String, or any object with an ExecId, such as a Kanade.Execution; a Kanade.ExecResult means its PC only.
    .OUTPUTS
        Kanade.Execution
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('Kanade.Execution')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'exec_id')]
        [string[]] $ExecId,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [Alias('PSComputerName', 'pc_id')]
        [string[]] $ComputerName
    )

    begin {
        # By execution the PCs; an empty list is all of them. Gathered, so that many results are one request.
        $targets = New-Object -TypeName System.Collections.Specialized.OrderedDictionary
    }

    process {
        foreach ($id in $ExecId) {
            if (-not $ComputerName) { $targets[$id] = @() }
            elseif (-not $targets.Contains($id)) { $targets[$id] = $ComputerName }
            elseif (@($targets[$id]).Count -gt 0) { $targets[$id] += $ComputerName }
        }
    }

    end {
        try {
            foreach ($id in $targets.Keys) {
                $execution = Get-KanadeExecution -ExecId $id -Cmdlet $PSCmdlet
                if ($null -eq $execution) { continue }
                $open = $execution.status -ne 'done'
                $request = @{ Method = 'POST'; Path = '/executions/' + [uri]::EscapeDataString($id) + '/cancel' }
                $whom = "all its PCs ($($execution.counts.queued) queued, $($execution.counts.running) running)"
                if (@($targets[$id]).Count -gt 0) {
                    $rows = @(Get-KanadeTargetRow -ExecId $id -ComputerName $targets[$id] -Cmdlet $PSCmdlet)
                    if ($rows.Count -eq 0) { continue }
                    $open = @($rows | Where-Object -FilterScript { $_.state -in 'queued', 'running' }).Count -gt 0
                    $pcs = @($rows | ForEach-Object -Process { $_.pc_id })
                    $request.Body = @{ pcs = $pcs }
                    $whom = ($pcs | Select-Object -First 10) -join ', '
                    if ($pcs.Count -gt 10) { $whom += " and $($pcs.Count - 10) more" }
                }
                if (-not $open) {
                    Write-Warning -Message "There is nothing to cancel: the execution $id has ended on $(if ($request.ContainsKey('Body')) { $whom } else { 'all its PCs' })."
                    ConvertTo-KanadeExecution -InputObject $execution
                    continue
                }
                Assert-KanadePrompt -Cmdlet $PSCmdlet -Target "execution $id on $whom" -Action 'Cancel'
                if (-not $PSCmdlet.ShouldProcess("execution $id on $whom", 'Cancel')) { continue }
                $answer = Invoke-KanadeRestMethod @request -PassError
                if ($answer -is [System.Management.Automation.ErrorRecord]) {
                    Write-KanadeError -Cmdlet $PSCmdlet -Record $answer -TargetObject $id -Missing "There is no execution '$id'."
                    continue
                }
                Get-KanadeExecution -ExecId $id -Cmdlet $PSCmdlet | ConvertTo-KanadeExecution
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

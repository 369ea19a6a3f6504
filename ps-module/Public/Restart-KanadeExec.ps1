function Restart-KanadeExec {
    <#
    .SYNOPSIS
        Runs executions again, on the PCs where they have failed.
    .DESCRIPTION
        Sends the same script with the same values, as a new execution, to the PCs that are in one of the states now, and gives that
        execution. The earlier one stays as it is. None in these states is the error Kanade.target_empty. More than 20 PCs are asked
        about, as by Invoke-KanadeExec.
    .PARAMETER ExecId
        The executions, also from the pipeline.
    .PARAMETER State
        The states of the PCs that run it again. Default: failed, timed_out, unknown and lost. What somebody has cancelled is killed or
        cancelled, and runs again only when that is said.
    .PARAMETER Force
        Does not ask, however many PCs are meant.
    .PARAMETER WhatIf
        Says what would be run again, and runs nothing.
    .PARAMETER Confirm
        Asks before it submits. With -Confirm:$false it does not ask either when many PCs are meant.
    .EXAMPLE
        Restart-KanadeExec -ExecId c3805be1a31e9b54

        Runs it again where it has failed.
    .EXAMPLE
        Restart-KanadeExec -ExecId c3805be1a31e9b54 -State expired | Wait-KanadeExec

        Runs it on the PCs that came back too late, and waits for those that are online.
    .INPUTS
        System.String, or any object with an ExecId, such as a Kanade.Execution.
    .OUTPUTS
        Kanade.Execution
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType('Kanade.Execution')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'exec_id')]
        [string[]] $ExecId,

        [ValidateSet('succeeded', 'failed', 'timed_out', 'killed', 'unknown', 'skipped', 'expired', 'cancelled', 'lost')]
        [string[]] $State = @('failed', 'timed_out', 'unknown', 'lost'),

        [switch] $Force
    )

    begin {
        # Of several results of one execution it is run again once.
        $ids = New-Object -TypeName System.Collections.Specialized.OrderedDictionary
    }

    process {
        foreach ($id in $ExecId) { $ids[$id] = $true }
    }

    end {
        try {
            foreach ($id in $ids.Keys) {
                $execution = Get-KanadeExecution -ExecId $id -Cmdlet $PSCmdlet
                if ($null -eq $execution) { continue }
                $count = 0
                foreach ($one in $State) { $count += $execution.counts.$one }
                if ($count -eq 0) {
                    $PSCmdlet.WriteError((Get-KanadeErrorRecord -Code 'target_empty' -Category ObjectNotFound -TargetObject $id -Message "No PC of the execution $id is $($State -join ' or ')."))
                    continue
                }
                if (-not $PSCmdlet.ShouldProcess("execution $id on $(Format-KanadePcCount -Number $count)", 'Run again')) { continue }
                if (-not (Confirm-KanadeTarget -Cmdlet $PSCmdlet -Force:$Force -Action "Run the execution $id again on" -Number $count)) { continue }
                $path = '/executions/' + [uri]::EscapeDataString($id) + '/rerun'
                $made = Invoke-KanadeRestMethod -Method POST -Path $path -Body @{ states = @($State) } -IdempotencyKey ([guid]::NewGuid().ToString()) -PassError
                if ($made -is [System.Management.Automation.ErrorRecord]) {
                    # They were retired, or the job was revoked: nothing that is so of the next one.
                    Write-KanadeError -Cmdlet $PSCmdlet -Record $made -TargetObject $id
                    continue
                }
                Get-KanadeExecution -ExecId $made.exec_id -Cmdlet $PSCmdlet | ConvertTo-KanadeExecution
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

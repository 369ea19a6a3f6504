function Remove-KanadeJob {
    <#
    .SYNOPSIS
        Deletes jobs, and keeps them from starting anywhere.
    .DESCRIPTION
        A job is revoked with that: what was sent and has not started on a PC does not start any more. Schedules that run it fire nothing
        until there is a job of that id again; the question and -WhatIf name them.
        Ids that are not known are errors of their own, and the others are deleted.
    .PARAMETER JobId
        The jobs, also from the pipeline.
    .PARAMETER WhatIf
        Says what would be deleted, and deletes nothing.
    .PARAMETER Confirm
        Asks for each; that is the default. -Confirm:$false does not ask.
    .EXAMPLE
        Remove-KanadeJob -JobId disk-cleanup

        Asks, and deletes a job.
    .EXAMPLE
        Get-KanadeJob | Where-Object -Property Tags -Contains trial | Remove-KanadeJob -Confirm:$false

        Deletes jobs by their tag without asking.
    .INPUTS
        System.String, or any object with a JobId.
    .OUTPUTS
        None
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'job_id')]
        [string[]] $JobId
    )

    begin {
        $schedules = $null
        $asks = Test-KanadeQuestion -Cmdlet $PSCmdlet
    }

    process {
        foreach ($id in $JobId) {
            $what = "job $id"
            if ($asks) {
                try {
                    # Of all jobs there is one list.
                    if ($null -eq $schedules) { $schedules = @(Invoke-KanadeRestMethod -Path '/schedules' -All) }
                } catch {
                    $PSCmdlet.ThrowTerminatingError($_)
                }
                $users = @($schedules | Where-Object -FilterScript { $_.job_id -ceq $id } | ForEach-Object -Process { $_.id })
                if ($users.Count -gt 0) {
                    $what += ", which is run by the schedules $(($users | Select-Object -First 10) -join ', ')"
                    if ($users.Count -gt 10) { $what += " and $($users.Count - 10) more" }
                }
            }
            Assert-KanadePrompt -Cmdlet $PSCmdlet -Target $what -Action 'Delete'
            if (-not $PSCmdlet.ShouldProcess($what, 'Delete')) { continue }
            $null = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "There is no job '$id'." -Call @{ Method = 'DELETE'; Path = "/jobs/$([uri]::EscapeDataString($id))" }
        }
    }
}

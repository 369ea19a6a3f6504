function Revoke-KanadeJob {
    <#
    .SYNOPSIS
        Revokes jobs: they do not start on any PC until that is taken back.
    .DESCRIPTION
        What was sent and has not started does not start any more; what runs goes on. It holds over new versions of the job, and over
        its deletion. Grant-KanadeJob takes it back.
        Ids that are not known are errors of their own, and the others are done.
    .PARAMETER JobId
        The jobs, also from the pipeline.
    .PARAMETER PassThru
        Gives each job as it is now.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks for each; that is the default. -Confirm:$false does not ask.
    .EXAMPLE
        Revoke-KanadeJob -JobId disk-cleanup

        Asks, and stops a job that does harm.
    .EXAMPLE
        Get-KanadeJob | Where-Object -Property UpdatedBy -EQ intern | Revoke-KanadeJob -PassThru -Confirm:$false

        Revokes all jobs that somebody has changed, without asking.
    .INPUTS
        System.String, or any object with a JobId.
    .OUTPUTS
        Kanade.Job with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('Kanade.Job')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'job_id')]
        [string[]] $JobId,

        [switch] $PassThru
    )

    process {
        foreach ($id in $JobId) {
            Assert-KanadePrompt -Cmdlet $PSCmdlet -Target "job $id" -Action 'Revoke'
            if (-not $PSCmdlet.ShouldProcess("job $id", 'Revoke')) { continue }
            $done = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "There is no job '$id'." -Call @{ Method = 'POST'; Path = "/jobs/$([uri]::EscapeDataString($id))/revoke" }
            if ($done.Ok -and $PassThru) { Get-KanadeJob -JobId $id }
        }
    }
}

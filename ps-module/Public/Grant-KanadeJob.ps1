function Grant-KanadeJob {
    <#
    .SYNOPSIS
        Allows revoked jobs again.
    .DESCRIPTION
        Takes back what Revoke-KanadeJob did. A job that was not revoked stays as it is.
        Ids that are not known are errors of their own, and the others are done.
    .PARAMETER JobId
        The jobs, also from the pipeline.
    .PARAMETER PassThru
        Gives each job as it is now.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks for each.
    .EXAMPLE
        Grant-KanadeJob -JobId disk-cleanup

        Lets a job run again.
    .EXAMPLE
        Get-KanadeJob | Where-Object -Property Status -EQ REVOKED | Grant-KanadeJob -Confirm

        Asks for each revoked job whether it may run again.
    .INPUTS
        System.String, or any object with a JobId.
    .OUTPUTS
        Kanade.Job with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType('Kanade.Job')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'job_id')]
        [string[]] $JobId,

        [switch] $PassThru
    )

    process {
        foreach ($id in $JobId) {
            if (-not $PSCmdlet.ShouldProcess("job $id", 'Allow again')) { continue }
            $done = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "There is no job '$id'." -Call @{ Method = 'POST'; Path = "/jobs/$([uri]::EscapeDataString($id))/unrevoke" }
            if ($done.Ok -and $PassThru) { Get-KanadeJob -JobId $id }
        }
    }
}

function Approve-KanadeEnrolment {
    <#
    .SYNOPSIS
        Lets PCs in that wait for an admin, or that were denied.
    .DESCRIPTION
        The PC gets the name it asks for, and comes by itself within a minute. A key that this name had before opens nothing any more: of
        a PC with another reason than needs_approval be sure that it is the one it says it is. The question tells the reason.
        What is not known or cannot be let in is an error of its own, and the others are approved. When somebody else has got the name
        since the PC began to wait, that is the error Kanade.pc_id_taken, unless -Replace is said.
    .PARAMETER EnrolmentId
        The enrolments, also from the pipeline.
    .PARAMETER Replace
        Also when the name was free as the PC began to wait, and is another PC's now.
    .PARAMETER PassThru
        Gives each PC as a Kanade.Agent.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks for each; that is the default. -Confirm:$false does not ask.
    .EXAMPLE
        Get-KanadeEnrolment | Approve-KanadeEnrolment

        Asks of each PC that waits whether it may come in.
    .EXAMPLE
        Get-KanadeEnrolment LAB-* | Where-Object -Property Reason -EQ needs_approval | Approve-KanadeEnrolment -Confirm:$false -PassThru

        Lets the new PCs of a lab in without asking, and nobody who asks for the name of another.
    .INPUTS
        System.String, or any object with an EnrolmentId, such as a Kanade.Enrolment.
    .OUTPUTS
        Kanade.Agent with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('Kanade.Agent')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id')]
        [string[]] $EnrolmentId,

        [switch] $Replace,

        [switch] $PassThru
    )

    begin {
        $asks = Test-KanadeQuestion -Cmdlet $PSCmdlet
    }

    process {
        foreach ($id in $EnrolmentId) {
            $what = $id
            if ($asks) {
                $what = Resolve-KanadeEnrolmentTarget -Cmdlet $PSCmdlet -EnrolmentId $id
                if (-not $what) { continue }
            }
            Assert-KanadePrompt -Cmdlet $PSCmdlet -Target $what -Action 'Let in'
            if (-not $PSCmdlet.ShouldProcess($what, 'Let in')) { continue }
            $call = @{ Method = 'POST'; Path = "/enrolments/$([uri]::EscapeDataString($id))/approve" }
            if ($Replace) { $call.Body = @{ replace = $true } }
            $done = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "No enrolment waits under '$id'." -Call $call
            if ($done.Ok -and $PassThru) { Get-KanadeAgent -ComputerName $done.Value.pc_id }
        }
    }
}

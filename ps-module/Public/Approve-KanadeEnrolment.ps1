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
    .PARAMETER ComputerName
        Those that wait for these names. Of a full name the first label counts, whatever its case. When several wait for one name that is
        the error Kanade.ambiguous_name, and nothing is done about it.
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
        Approve-KanadeEnrolment -ComputerName PC3

        Asks whether the PC may come in that waits to be PC3.
    .EXAMPLE
        Get-KanadeEnrolment LAB-* -Reason needs_approval | Approve-KanadeEnrolment -Confirm:$false -PassThru

        Lets the new PCs of a lab in without asking, and nobody who asks for the name of another.
    .INPUTS
        System.String, or any object with an EnrolmentId, such as a Kanade.Enrolment.
    .OUTPUTS
        Kanade.Agent with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', DefaultParameterSetName = 'Id')]
    [OutputType('Kanade.Agent')]
    param(
        [Parameter(ParameterSetName = 'Id', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id')]
        [string[]] $EnrolmentId,

        [Parameter(ParameterSetName = 'Name', Mandatory = $true)]
        [string[]] $ComputerName,

        [switch] $Replace,

        [switch] $PassThru
    )

    process {
        Resolve-KanadeEnrolmentChoice -Cmdlet $PSCmdlet -EnrolmentId $EnrolmentId -ComputerName $ComputerName | ForEach-Object -Process {
            $target = $_
            Assert-KanadePrompt -Cmdlet $PSCmdlet -Target $target.What -Action 'Let in'
            if ($PSCmdlet.ShouldProcess($target.What, 'Let in')) {
                $body = @{}
                if ($Replace) { $body.replace = $true }
                $done = Send-KanadeEnrolmentDecision -Cmdlet $PSCmdlet -EnrolmentId $target.Id -Decision approve -Body $body
                if ($done.Ok -and $PassThru) { Get-KanadeAgent -ComputerName $done.Value.pc_id }
            }
        }
    }
}

function Deny-KanadeEnrolment {
    <#
    .SYNOPSIS
        Refuses PCs that wait for an admin.
    .DESCRIPTION
        Their keys stay refused for 30 days; until then Approve-KanadeEnrolment lets one in after all. Whoever has a token comes again with
        another key: Revoke-KanadeEnrolmentToken ends that.
        Ids that are not known are errors of their own, and the others are denied.
    .PARAMETER EnrolmentId
        The enrolments, also from the pipeline.
    .PARAMETER PassThru
        Gives each enrolment as it is now.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks for each; that is the default. -Confirm:$false does not ask.
    .EXAMPLE
        Get-KanadeEnrolment PC1 | Deny-KanadeEnrolment

        Asks, and refuses whoever waits to be PC1.
    .EXAMPLE
        Get-KanadeEnrolment | Where-Object -Property Reason -EQ name_retired | Deny-KanadeEnrolment -PassThru -Confirm:$false | Revoke-KanadeEnrolmentToken

        Refuses all who ask for the names of retired PCs, and ends the tokens they have come with.
    .INPUTS
        System.String, or any object with an EnrolmentId, such as a Kanade.Enrolment.
    .OUTPUTS
        Kanade.Enrolment with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType('Kanade.Enrolment')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id')]
        [string[]] $EnrolmentId,

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
            Assert-KanadePrompt -Cmdlet $PSCmdlet -Target $what -Action 'Refuse'
            if (-not $PSCmdlet.ShouldProcess($what, 'Refuse')) { continue }
            $done = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "No enrolment waits under '$id'." -Call @{ Method = 'POST'; Path = "/enrolments/$([uri]::EscapeDataString($id))/deny" }
            if ($done.Ok -and $PassThru) { ConvertTo-KanadeEnrolment -InputObject $done.Value }
        }
    }
}

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
    .PARAMETER ComputerName
        Those that wait for these names. Of a full name the first label counts, whatever its case. When several wait for one name that is
        the error Kanade.ambiguous_name, and nothing is done about it.
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
        Get-KanadeEnrolment -Reason name_retired | Deny-KanadeEnrolment -PassThru -Confirm:$false | Revoke-KanadeEnrolmentToken

        Refuses all who ask for the names of retired PCs, and ends the tokens they have come with.
    .INPUTS
        System.String, or any object with an EnrolmentId, such as a Kanade.Enrolment.
    .OUTPUTS
        Kanade.Enrolment with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High', DefaultParameterSetName = 'Id')]
    [OutputType('Kanade.Enrolment')]
    param(
        [Parameter(ParameterSetName = 'Id', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id')]
        [string[]] $EnrolmentId,

        [Parameter(ParameterSetName = 'Name', Mandatory = $true)]
        [string[]] $ComputerName,

        [switch] $PassThru
    )

    process {
        Resolve-KanadeEnrolmentChoice -Cmdlet $PSCmdlet -EnrolmentId $EnrolmentId -ComputerName $ComputerName | ForEach-Object -Process {
            $target = $_
            Assert-KanadePrompt -Cmdlet $PSCmdlet -Target $target.What -Action 'Refuse'
            if ($PSCmdlet.ShouldProcess($target.What, 'Refuse')) {
                $done = Send-KanadeEnrolmentDecision -Cmdlet $PSCmdlet -EnrolmentId $target.Id -Decision deny
                if ($done.Ok -and $PassThru) { ConvertTo-KanadeEnrolment -InputObject $done.Value }
            }
        }
    }
}

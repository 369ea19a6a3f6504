function Revoke-KanadeEnrolmentToken {
    <#
    .SYNOPSIS
        Revokes enrolment tokens: no PC enrols with them any more.
    .DESCRIPTION
        PCs that have enrolled with one stay what they are (Get-KanadeAgent -TokenId finds them), and those that wait by it wait no longer.
        One that is revoked already stays so. Ids that are not known are errors of their own, and the others are revoked.
    .PARAMETER TokenId
        The tokens, also from the pipeline. A token that was found somewhere may be named by its text.
    .PARAMETER PassThru
        Gives each token as it is now.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks for each.
    .EXAMPLE
        Revoke-KanadeEnrolmentToken -TokenId 3f9a2c41d7e0

        Ends a token.
    .EXAMPLE
        Get-KanadeEnrolmentToken -Usable | Revoke-KanadeEnrolmentToken -PassThru

        Ends all of them, and shows which those were.
    .INPUTS
        System.String, or any object with a TokenId.
    .OUTPUTS
        Kanade.EnrolmentToken with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType('Kanade.EnrolmentToken')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'token_id')]
        [string[]] $TokenId,

        [switch] $PassThru
    )

    process {
        foreach ($text in $TokenId) {
            $id = ConvertTo-KanadeTokenId -Text $text
            if (-not $PSCmdlet.ShouldProcess("enrolment token $id", 'Revoke')) { continue }
            $done = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "There is no enrolment token '$id'." -Call @{ Method = 'DELETE'; Path = "/enrolment-tokens/$([uri]::EscapeDataString($id))" }
            if ($done.Ok -and $PassThru) { ConvertTo-KanadeEnrolmentToken -InputObject $done.Value }
        }
    }
}

function Get-KanadeEnrolmentToken {
    <#
    .SYNOPSIS
        Gets the enrolment tokens: for whom they are, until when, and how often they were used.
    .DESCRIPTION
        Without ids it lists them, newest first; those that are over are kept for 30 days. With ids it gives these; an id that is not
        known is an error of its own, and the others are given. Their text is told by New-KanadeEnrolmentToken and never again.
    .PARAMETER TokenId
        The tokens, also from the pipeline. A token that was found somewhere may be named by its text.
    .PARAMETER Usable
        Only those that PCs can enrol with now; -Usable:$false gives those that are over, used up or revoked.
    .EXAMPLE
        Get-KanadeEnrolmentToken -Usable

        What PCs can enrol with now.
    .EXAMPLE
        Get-KanadeEnrolment | Get-KanadeEnrolmentToken

        The tokens of the PCs that wait for an approval.
    .EXAMPLE
        Get-KanadeEnrolmentToken -Usable | Where-Object -Property UsesLeft -EQ $null | Revoke-KanadeEnrolmentToken

        Revokes the tokens that any number of PCs can enrol with.
    .INPUTS
        System.String, or any object with a TokenId, such as a Kanade.Enrolment.
    .OUTPUTS
        Kanade.EnrolmentToken
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    [OutputType('Kanade.EnrolmentToken')]
    param(
        [Parameter(ParameterSetName = 'Id', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'token_id')]
        [string[]] $TokenId,

        [Parameter(ParameterSetName = 'List')]
        [switch] $Usable
    )

    process {
        if ($PSCmdlet.ParameterSetName -eq 'List') {
            $query = @{}
            if ($PSBoundParameters.ContainsKey('Usable')) { $query.usable = "$Usable".ToLowerInvariant() }
            try {
                Invoke-KanadeRestMethod -Path '/enrolment-tokens' -Query $query -All | ConvertTo-KanadeEnrolmentToken
            } catch {
                $PSCmdlet.ThrowTerminatingError($_)
            }
            return
        }
        foreach ($text in $TokenId) {
            $id = ConvertTo-KanadeTokenId -Text $text
            $found = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "There is no enrolment token '$id'." -Call @{ Path = "/enrolment-tokens/$([uri]::EscapeDataString($id))" }
            if ($found.Ok) { ConvertTo-KanadeEnrolmentToken -InputObject $found.Value }
        }
    }
}

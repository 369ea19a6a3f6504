function New-KanadeEnrolmentToken {
    <#
    .SYNOPSIS
        Makes a token that PCs enrol with, and tells its text this once.
    .DESCRIPTION
        A PC gets an identity by the token: it is set as enrolment_token where the agent is installed. Whoever has the text can enrol a PC,
        so let it be short-lived, for few, and for names that a pattern fits. The text is in Token, and nobody can read it again: what is
        lost is replaced by another. The backend keeps no more than a hash of it.
        Without parameters it is for one PC, within a day. A name that a PC has already is not given away: whoever comes for it with
        another key waits for Approve-KanadeEnrolment, unless -Replace is said.
    .PARAMETER Description
        What it is for, for whoever reads the list.
    .PARAMETER ExpiresIn
        How long PCs may enrol with it: text such as 8h or 7d, a number of seconds, or a time span; from a minute to a year. Default: 1d.
    .PARAMETER Uses
        How many PCs may enrol with it. Default: 1.
    .PARAMETER Unlimited
        Any number of PCs may enrol with it.
    .PARAMETER Group
        Static groups that its PCs are put into.
    .PARAMETER NamePattern
        Only for PCs of such a name: with * and ?, and without case.
    .PARAMETER NeedsApproval
        Each of its PCs waits for Approve-KanadeEnrolment.
    .PARAMETER Replace
        A PC takes over the name of one that is there: for PCs that are imaged anew. Never that of one that is retired or revoked.
    .PARAMETER RetireAfterDays
        Its PCs are retired once they have been silent for so many days: for virtual desktops that come and go.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks first.
    .EXAMPLE
        (New-KanadeEnrolmentToken).Token | Set-Clipboard

        A token for one PC, to be pasted where its agent is installed within a day.
    .EXAMPLE
        $token = New-KanadeEnrolmentToken -Uses 40 -ExpiresIn 8h -NamePattern 'LAB-*' -Group Lab -Description 'Room 12'

        A token for the forty PCs of a room, for today.
    .EXAMPLE
        New-KanadeEnrolmentToken -Unlimited -ExpiresIn 90d -NamePattern 'PC-*' -Replace -Description 'Imaging'

        For the server that images PCs anew: each keeps its name and its groups.
    .EXAMPLE
        New-KanadeEnrolmentToken -Unlimited -ExpiresIn 365d -NamePattern 'VDI-*' -Replace -RetireAfterDays 7

        For virtual desktops: one that has been silent for a week is retired, and its name is free for the next.
    .INPUTS
        None
    .OUTPUTS
        Kanade.NewEnrolmentToken, which is a Kanade.EnrolmentToken with its text in Token.
    #>
    [CmdletBinding(SupportsShouldProcess = $true, DefaultParameterSetName = 'Uses')]
    [OutputType('Kanade.NewEnrolmentToken')]
    param(
        [string] $Description,

        [object] $ExpiresIn,

        [Parameter(ParameterSetName = 'Uses')]
        [ValidateRange(1, 100000)]
        [int] $Uses = 1,

        [Parameter(ParameterSetName = 'Unlimited', Mandatory = $true)]
        [switch] $Unlimited,

        [string[]] $Group,

        [string] $NamePattern,

        [switch] $NeedsApproval,

        [switch] $Replace,

        [ValidateRange(1, 365)]
        [int] $RetireAfterDays
    )

    try {
        $body = @{ uses = $Uses; needs_approval = [bool] $NeedsApproval; replace = [bool] $Replace }
        if ($Unlimited) { $body.uses = $null }
        if ($Description) { $body.description = $Description }
        if ($PSBoundParameters.ContainsKey('ExpiresIn')) { $body.expires_in = ConvertTo-KanadeDuration -Value $ExpiresIn -Name 'ExpiresIn' }
        if ($Group) { $body.groups = @($Group) }
        if ($NamePattern) { $body.name_pattern = $NamePattern }
        if ($PSBoundParameters.ContainsKey('RetireAfterDays')) { $body.ephemeral = @{ retire_after_days = $RetireAfterDays } }
        $whom = if ($Unlimited) { 'any number of PCs' } elseif ($Uses -eq 1) { 'one PC' } else { "$Uses PCs" }
        if ($NamePattern) { $whom += " named $NamePattern" }
        if (-not $PSCmdlet.ShouldProcess("enrolment token for $whom", 'Make')) { return }
        $made = Invoke-KanadeRestMethod -Method POST -Path '/enrolment-tokens' -Body $body
        $token = ConvertTo-KanadeEnrolmentToken -InputObject $made | Add-Member -NotePropertyName Token -NotePropertyValue $made.token -PassThru
        # Shown as a list, where the text is to be seen.
        $token.PSObject.TypeNames.Insert(0, 'Kanade.NewEnrolmentToken')
        $token
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}

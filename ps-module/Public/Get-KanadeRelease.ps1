function Get-KanadeRelease {
    <#
    .SYNOPSIS
        Gets the releases of the agent that PCs can be updated to.
    .DESCRIPTION
        The highest version first. One that has expired is taken by no PC: sign it again with npm run pack -- --resign, and add it.
        A release that is not known is an error of its own, and the others are given.
    .PARAMETER ReleaseId
        The releases, by id or by version, also from the pipeline; without it all.
    .EXAMPLE
        Get-KanadeRelease

        All releases, and until when PCs take them.
    .EXAMPLE
        Get-KanadeRelease -ReleaseId 1.2.0 | Format-List

        Who added a version and when, and which keys have signed it.
    .INPUTS
        System.String, or any object with a ReleaseId, such as a Kanade.Release.
    .OUTPUTS
        Kanade.Release
    #>
    [CmdletBinding()]
    [OutputType('Kanade.Release')]
    param(
        [Parameter(Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'Version')]
        [string[]] $ReleaseId
    )

    process {
        try {
            $all = @((Invoke-KanadeRestMethod -Path '/releases').items | ConvertTo-KanadeRelease)
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
        if (-not $ReleaseId) { return $all }
        foreach ($text in $ReleaseId) {
            $found = @($all | Where-Object -FilterScript { $_.ReleaseId -eq $text -or $_.Version -eq $text })
            if ($found.Count -eq 0) {
                $PSCmdlet.WriteError((Get-KanadeErrorRecord -Code 'not_found' -Category ObjectNotFound -TargetObject $text -Message "There is no release '$text'."))
            }
            $found
        }
    }
}

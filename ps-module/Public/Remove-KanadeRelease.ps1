function Remove-KanadeRelease {
    <#
    .SYNOPSIS
        Removes releases of the agent from the server.
    .DESCRIPTION
        No PC is updated to them any more, and one that is just fetching such a release does not get the rest of it. PCs that have it keep it.
        Releases that are not known are errors of their own, and the others are removed.
    .PARAMETER ReleaseId
        The releases, by id or by version, also from the pipeline.
    .PARAMETER WhatIf
        Says what would be removed, and removes nothing.
    .PARAMETER Confirm
        Asks for each; that is the default. -Confirm:$false does not ask.
    .EXAMPLE
        Remove-KanadeRelease -ReleaseId 1.1.0

        Asks, and removes a version.
    .EXAMPLE
        Get-KanadeRelease | Where-Object -Property Expired | Remove-KanadeRelease -Confirm:$false

        Removes without asking what PCs take no longer.
    .INPUTS
        System.String, or any object with a ReleaseId, such as a Kanade.Release.
    .OUTPUTS
        None
    #>
    [CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'Version')]
        [string[]] $ReleaseId
    )

    process {
        foreach ($text in $ReleaseId) {
            $ids = @($text)
            # Each platform's release of a version has an id of its own.
            if ($text.Contains('.')) {
                try {
                    $ids = @((Invoke-KanadeRestMethod -Path '/releases').items | Where-Object -FilterScript { $_.version -eq $text } | ForEach-Object -Process { $_.release })
                } catch {
                    $PSCmdlet.ThrowTerminatingError($_)
                }
                if ($ids.Count -eq 0) {
                    $PSCmdlet.WriteError((Get-KanadeErrorRecord -Code 'not_found' -Category ObjectNotFound -TargetObject $text -Message "There is no release '$text'."))
                    continue
                }
            }
            foreach ($id in $ids) {
                Assert-KanadePrompt -Cmdlet $PSCmdlet -Target "release $id" -Action 'Remove'
                if (-not $PSCmdlet.ShouldProcess("release $id", 'Remove')) { continue }
                $null = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "There is no release '$id'." -Call @{ Method = 'DELETE'; Path = "/releases/$([uri]::EscapeDataString($id))" }
            }
        }
    }
}

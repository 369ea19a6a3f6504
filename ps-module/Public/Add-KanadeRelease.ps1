function Add-KanadeRelease {
    <#
    .SYNOPSIS
        Adds releases of the agent to the server, for PCs to be updated to.
    .DESCRIPTION
        The server takes a release only when one of the keys has signed it that the server knows, when it has not expired, and when every
        file in it is what the signature says. No PC takes it by that alone.
        The same version signed anew takes the place of the older signing; the same file again changes nothing.
        A file that is refused is an error of its own, and the others are added.
    .PARAMETER Path
        The files that npm run pack has made (kanade-agent-1.2.0-win-x64.release), with wildcards, also from the pipeline.
    .PARAMETER WhatIf
        Says what would be added, and adds nothing.
    .PARAMETER Confirm
        Asks for each.
    .EXAMPLE
        Add-KanadeRelease -Path .\kanade-agent-1.2.0-win-x64.release

        Adds a release, and shows until when PCs take it.
    .EXAMPLE
        Get-ChildItem -Path .\dist -Filter *.release | Add-KanadeRelease

        Adds all releases of a folder.
    .INPUTS
        System.String, System.IO.FileInfo
    .OUTPUTS
        Kanade.Release
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType('Kanade.Release')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('FullName')]
        [string[]] $Path
    )

    process {
        foreach ($pattern in $Path) {
            foreach ($file in Resolve-KanadeReleaseFile -Path $pattern -SessionState $PSCmdlet.SessionState) {
                if ($file -is [System.Management.Automation.ErrorRecord]) {
                    $PSCmdlet.WriteError($file)
                    continue
                }
                if (-not $PSCmdlet.ShouldProcess($file, 'Add the release')) { continue }
                $added = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $file -Call @{ Method = 'POST'; Path = '/releases'; InFile = $file; TimeoutSec = 300 }
                if ($added.Ok) { ConvertTo-KanadeRelease -InputObject $added.Value }
            }
        }
    }
}

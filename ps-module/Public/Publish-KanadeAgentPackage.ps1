function Publish-KanadeAgentPackage {
    <#
    .SYNOPSIS
        Gives the backend the package of the agent that new PCs install.
    .DESCRIPTION
        All backends have it then, in place of the one before, and give it to whoever asks for it by its hash: nothing in it is secret.
        Lines that New-KanadeInstallCommand made for the one before install nothing any more. PCs that have the agent keep theirs.
    .PARAMETER Path
        The package, as `npm run pack` made it.
    .PARAMETER Version
        Its version. Default: what its name says, kanade-agent-<version>-x64.msi.
    .PARAMETER Sha256
        What the file is to have, such as from SHA256SUMS.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks first.
    .EXAMPLE
        Publish-KanadeAgentPackage -Path .\kanade-agent-1.2.3-x64.msi

        New PCs get 1.2.3 from now on.
    .INPUTS
        None
    .OUTPUTS
        Kanade.AgentPackage
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType('Kanade.AgentPackage')]
    param(
        [Parameter(Mandatory = $true, Position = 0)]
        [string] $Path,

        [ValidatePattern('\A\d+\.\d+\.\d+\z')]
        [string] $Version,

        [ValidatePattern('\A[0-9A-Fa-f]{64}\z')]
        [string] $Sha256
    )

    try {
        $file = Resolve-KanadeFile -Path $Path -SessionState $PSCmdlet.SessionState
        if (-not $Version) {
            if ([System.IO.Path]::GetFileName($file) -notmatch '\Akanade-agent-(\d+\.\d+\.\d+)-x64\.msi\z') {
                throw (Get-KanadeErrorRecord -Code 'version_unknown' -Category InvalidArgument -TargetObject $Path -Message "The name of '$file' does not say which version it is: say -Version.")
            }
            $Version = $Matches[1]
        }
        $hash = Get-KanadeFileHash -LiteralPath $file
        if ($Sha256 -and $hash -ne $Sha256) {
            throw (Get-KanadeErrorRecord -Code 'hash_mismatch' -Category SecurityError -TargetObject $Path -Message "'$file' is not the package that was meant: it has the SHA-256 $hash.")
        }
        if (-not $PSCmdlet.ShouldProcess($file, "Give new PCs the agent $Version")) { return }
        $query = @{ version = $Version; sha256 = $hash; size = (Get-Item -LiteralPath $file).Length }
        Invoke-KanadeRestMethod -Method PUT -Path '/agent-package' -Query $query -InFile $file -TimeoutSec 300 | ConvertTo-KanadeAgentPackage
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}

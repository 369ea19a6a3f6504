function Get-KanadeAgentPackage {
    <#
    .SYNOPSIS
        Gets which package of the agent the backend has for new PCs.
    .DESCRIPTION
        It is what Install-KanadeAgent installs without -Path, and what the line of New-KanadeInstallCommand does. PCs that have the agent
        are no concern of it: they are updated by releases.
    .EXAMPLE
        Get-KanadeAgentPackage

        Version, size and hash of the package, and who put it there.
    .INPUTS
        None
    .OUTPUTS
        Kanade.AgentPackage
    #>
    [CmdletBinding()]
    [OutputType('Kanade.AgentPackage')]
    param()

    try {
        Invoke-KanadeRestMethod -Path '/agent-package' | ConvertTo-KanadeAgentPackage
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}

function New-KanadeGpoPackage {
    <#
    .SYNOPSIS
        Makes a folder with all that puts the agent onto the PCs of a domain by Group Policy.
    .DESCRIPTION
        Writes a folder with the agent's package, its policies (ADMX, ADML in English and Japanese), a startup script, and README.txt, which
        says the steps. The script installs the package at the start of a PC where that version or a newer one does not run, once a copy of
        it on the PC has the SHA-256 that the script names, waits while another installation runs, and writes what it does to %SystemRoot%\Logs\Kanade on the PC.
    .PARAMETER MsiPath
        The agent's package, kanade-agent-<version>-x64.msi.
    .PARAMETER Path
        The folder to write. It is made; one that is there has to be empty, or -Force said.
    .PARAMETER Server
        The address of the server, such as kanade.example.com:8480, for the startup script. Without it the policy Server says it.
    .PARAMETER Token
        An enrolment token for the startup script. Whoever can read the share reads it, which is every PC and in most domains every user:
        give it a short life and a pattern for names, or have each PC wait for approval.
    .PARAMETER Force
        Writes into a folder that is there.
    .PARAMETER WhatIf
        Says what would be written, and writes nothing.
    .PARAMETER Confirm
        Asks before it writes.
    .EXAMPLE
        New-KanadeGpoPackage -MsiPath .\kanade-agent-1.2.3-x64.msi -Path \\files\deploy\kanade -Server https://kanade.example.com:8480

        Writes the folder to a share.
    .INPUTS
        None.
    .OUTPUTS
        System.IO.DirectoryInfo
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType([System.IO.DirectoryInfo])]
    param(
        [Parameter(Mandatory = $true, Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string] $MsiPath,

        [Parameter(Mandatory = $true, Position = 1)]
        [ValidateNotNullOrEmpty()]
        [string] $Path,

        [ValidateNotNullOrEmpty()]
        [string] $Server,

        [ValidateNotNullOrEmpty()]
        [string] $Token,

        [switch] $Force
    )

    process {
        try {
            $made = Resolve-KanadeDeployment -MsiPath $MsiPath -Path $Path -Server $Server -Token $Token -Force:$Force -SessionState $PSCmdlet.SessionState
            if (-not $PSCmdlet.ShouldProcess($made.Folder, 'Write what Group Policy takes')) { return }
            if ($Token) { Write-Warning -Message 'The startup script holds the enrolment token: whoever can read the share reads it.' }
            $null = [System.IO.Directory]::CreateDirectory($made.Folder)
            $to = [System.IO.Path]::Combine($made.Folder, $made.Name)
            if ($to -ne $made.Msi) { [System.IO.File]::Copy($made.Msi, $to, $true) }
            Copy-Item -LiteralPath ([System.IO.Path]::Combine($script:KanadeRoot, 'PolicyDefinitions')) -Destination $made.Folder -Recurse -Force
            $value = @{ VERSION = $made.Property.ProductVersion; MSI = $made.Name; SHA256 = Get-KanadeFileHash -LiteralPath $made.Msi; PROPERTIES = $made.Properties }
            Write-KanadeDeployFile -Folder $made.Folder -Name 'Install-Agent.ps1' -Text (Get-KanadeDeployText -Name 'Startup' -Value $value)
            Write-KanadeDeployFile -Folder $made.Folder -Name 'README.txt' -Text (@"
Kanade agent $($made.Property.ProductVersion) by Group Policy

1. Policies: copy what is in PolicyDefinitions to \\<domain>\SYSVOL\<domain>\Policies\PolicyDefinitions. In the editor they are under
   Computer Configuration > Administrative Templates > Kanade Agent. Set Server and, unless the script says it, Enrolment token.
2. Share: put this folder where computer accounts (Domain Computers) can read it and only administrators can write.
3. Startup: Computer Configuration > Windows Settings > Scripts > Startup > PowerShell Scripts > Show Files: copy Install-Agent.ps1 there, which
   is SYSVOL, and add it with the parameters -Folder "<the path of this folder on the share>". It runs no package but the one it was made for,
   whatever lies on the share; the script itself is to lie where PCs ask only the domain for it.
   Set "Always wait for the network at computer startup and logon", else a PC may start without the share.
   Instead of it: Software Settings > Software installation, with $($made.Name). That takes no properties: Server and token come from policies.
4. On a PC: gpupdate /force, a restart, then %SystemRoot%\Logs\Kanade\startup.log says what came of it.
5. Take the policy Enrolment token back when the PCs are enrolled: every user of a PC can read it.
"@ + "`n")
            Get-Item -LiteralPath $made.Folder
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

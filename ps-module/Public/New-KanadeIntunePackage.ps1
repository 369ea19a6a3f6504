function New-KanadeIntunePackage {
    <#
    .SYNOPSIS
        Makes what Intune takes to put the agent onto PCs, from the agent's package.
    .DESCRIPTION
        Writes a folder with the package as .intunewin, the scripts that detect the agent, say whether a PC can have it, find trouble and
        end it, and README.txt, which says what to type where in the portal. The agent is detected by the version that runs, so that
        one that has updated itself is not put back.

        Nothing is uploaded. The scripts are ASCII for Windows PowerShell 5.1, and unsigned: sign them where your policy asks for that.
    .PARAMETER MsiPath
        The agent's package, kanade-agent-<version>-x64.msi.
    .PARAMETER Path
        The folder to write. It is made; one that is there has to be empty, or -Force said.
    .PARAMETER Server
        The address of the server, such as kanade.example.com:8480, as part of the command line. Without it a policy or the settings file says it.
    .PARAMETER Token
        An enrolment token as part of the command line. Every administrator of Intune reads it there, and each PC's log of Intune: give it a
        short life and few uses, or have each PC wait for approval.
    .PARAMETER Force
        Writes into a folder that is there.
    .PARAMETER WhatIf
        Says what would be written, and writes nothing.
    .PARAMETER Confirm
        Asks before it writes.
    .EXAMPLE
        New-KanadeIntunePackage -MsiPath .\kanade-agent-1.2.3-x64.msi -Path .\intune -Server https://kanade.example.com:8480

        Writes the folder intune.
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
            if (-not $PSCmdlet.ShouldProcess($made.Folder, 'Write what Intune takes')) { return }
            if ($Token) { Write-Warning -Message 'The command line holds the enrolment token: every administrator of Intune reads it, and each PC logs it.' }
            $null = [System.IO.Directory]::CreateDirectory($made.Folder)
            $name = [System.IO.Path]::GetFileNameWithoutExtension($made.Name)
            Write-KanadeIntuneWin -SetupFile $made.Msi -Property $made.Property -Path ([System.IO.Path]::Combine($made.Folder, "$name.intunewin"))
            foreach ($script in 'Detect', 'Require', 'DetectTrouble', 'Remediate') {
                Write-KanadeDeployFile -Folder $made.Folder -Name "$script.ps1" -Text (Get-KanadeDeployText -Name $script -Value @{ VERSION = $made.Property.ProductVersion })
            }
            Write-KanadeDeployFile -Folder $made.Folder -Name 'README.txt' -Text (@"
Kanade agent $($made.Property.ProductVersion) by Intune

Apps > Windows > Add > Windows app (Win32)
  App package file         $name.intunewin
  Install command          msiexec /i "$($made.Name)" /qn /norestart /liwemo "%ProgramData%\Microsoft\IntuneManagementExtension\Logs\kanade-agent.log"$($made.Properties)
  Uninstall command        msiexec /x $($made.Property.ProductCode) /qn /norestart
  Install behavior         System
  Device restart behavior  Determine behavior based on return codes
  Return codes             0 success, 1707 success, 3010 soft reboot, 1641 hard reboot, 1618 retry
  Operating system         x64 and ARM64; Windows 10 1809
  Requirement rule         script Require.ps1; 64-bit; not with the credentials of the user; no signature check
                           output: string, equals, Supported
  Detection rule           custom script Detect.ps1; as 32-bit process: No; signature check: as your policy asks
  Assignment               a group of devices

Devices > Scripts and remediations > Create
  Detection script         DetectTrouble.ps1
  Remediation script       Remediate.ps1
  Run with the credentials of the user  No
  64-bit PowerShell        Yes
  Schedule                 daily

The installation writes kanade-agent.log where "Collect diagnostics" finds it. It is not verbose: every user of a PC can read it, and the
token is in no line of it.

Settings by policy: Devices > Configuration > Import ADMX, with Kanade.admx and Kanade.adml of the module's folder PolicyDefinitions.
A newer version takes the place of this one by "supersedence" without uninstalling, or by itself, where the agent's own updates are rolled out.
"@ + "`n")
            Get-Item -LiteralPath $made.Folder
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

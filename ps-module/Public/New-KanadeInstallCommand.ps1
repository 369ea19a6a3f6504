function New-KanadeInstallCommand {
    <#
    .SYNOPSIS
        Makes the line that installs the agent when it is pasted into an elevated PowerShell on a PC.
    .DESCRIPTION
        The line fetches a script from the backend, compares it with the SHA-256 that stands in the line, and runs it: that fetches the package
        which Publish-KanadeAgentPackage has given the backend, compares it in the same way, and installs it. So the PC need not know the
        backend's certificate: nobody in between can have it run anything else. It works in Windows PowerShell 5.1 and in PowerShell 7.
        The enrolment token stands in the line, and is sent to nobody; the agent uses it. Whoever has the line can enrol a PC: without
        -EnrolmentToken it is for one PC, within four hours. Once the backend has another package the line installs nothing any more.
    .PARAMETER EnrolmentToken
        The token in the line, such as what New-KanadeEnrolmentToken gives. Default: a new one, for one PC and four hours.
    .PARAMETER Server
        By which name the PCs reach the backend. Default: that by which this session does.
    .PARAMETER RequireSignature
        The line does not install a package that is not signed.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks first.
    .EXAMPLE
        (New-KanadeInstallCommand).Command | Set-Clipboard

        A line for one PC, to be pasted there.
    .EXAMPLE
        New-KanadeEnrolmentToken -Uses 20 -ExpiresIn 8h -NamePattern 'LAB-*' -Group Lab | New-KanadeInstallCommand

        A line for the twenty PCs of a room, for today.
    .INPUTS
        Any object with a Token, such as those of New-KanadeEnrolmentToken.
    .OUTPUTS
        Kanade.InstallCommand
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType('Kanade.InstallCommand')]
    param(
        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [Alias('Token')]
        [string] $EnrolmentToken,

        [string] $Server,

        [switch] $RequireSignature
    )

    process {
        try {
            $connection = Get-KanadeConnection
            $told = (Resolve-KanadeToldServer -Server $Server -Connection $connection -Others $false).AbsoluteUri.TrimEnd('/')
            $package = Invoke-KanadeRestMethod -Path '/agent-package' -Connection $connection
            if (-not $PSCmdlet.ShouldProcess("enrolment at $told of the agent $($package.version)", 'Make a line for the')) { return }
            if (([uri] $told).IsLoopback) { $PSCmdlet.WriteWarning("$told is this PC itself wherever the line is pasted: say -Server for other PCs.") }
            $text = $EnrolmentToken
            if (-not $text) { $text = (Request-KanadeInstallToken -Uses 1 -Description 'New-KanadeInstallCommand' -Connection $connection).token }
            [pscustomobject] @{
                PSTypeName = 'Kanade.InstallCommand'
                Command    = Format-KanadeInstallCommand -Server $told -Token $text -Sha256 $package.script_sha256 -RequireSignature:$RequireSignature
                Server     = $told
                Version    = $package.version
                TokenId    = ConvertTo-KanadeTokenId -Text $text
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }
}

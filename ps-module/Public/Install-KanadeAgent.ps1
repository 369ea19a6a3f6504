function Install-KanadeAgent {
    <#
    .SYNOPSIS
        Installs the agent on this PC, or on others by PowerShell remoting, so that they enrol.
    .DESCRIPTION
        Without -ComputerName and -Session it installs on this PC, and takes an elevated PowerShell. Elsewhere the package travels through the
        session, which has to be an administrator's there: no share is read from the other PC, and no credential goes any further.
        An older version becomes this one, and the PC stays who it is. The installation ends well also when the PC does not reach the
        server: its agent tries again by itself. Test-KanadeAgentInstallation tells how it is.

        Before it is run the package is compared, on the PC itself, with the SHA-256 that the file has here or that the backend
        says. If it is signed the PC has to trust its signature; -RequireSignature refuses one that is not signed.
        Unless -EnrolmentToken is said a token is made for each -ThrottleLimit PCs that are reached: it counts for so many, for four hours.
        What is wrong with one PC is an error of its own, and the others are done.
    .PARAMETER ComputerName
        PCs, by the names by which this one reaches them. Takes names and objects with a DNSHostName, Name or PSComputerName from the
        pipeline, such as those of Get-ADComputer.
    .PARAMETER Session
        Sessions that are open, of New-PSSession. They stay open.
    .PARAMETER Credential
        Of an administrator of the other PCs.
    .PARAMETER UseSSL
        By HTTPS, for which each PC needs a listener: outside of a domain that is how it knows whom it speaks with.
    .PARAMETER Port
        Of the listener. Default: 5985, with -UseSSL 5986.
    .PARAMETER SessionOption
        Of New-PSSessionOption, such as for a proxy.
    .PARAMETER ThrottleLimit
        How many PCs at once. Default: 16.
    .PARAMETER Path
        The package, kanade-agent-<version>-x64.msi. Default: the one that Publish-KanadeAgentPackage has given the backend.
    .PARAMETER Sha256
        What the package is to have, such as from SHA256SUMS.
    .PARAMETER RequireSignature
        Does not install a package that is not signed.
    .PARAMETER Server
        Where the PCs enrol. Default: the backend that this session is connected with.
    .PARAMETER EnrolmentToken
        What they enrol with, of New-KanadeEnrolmentToken. Default: a new one.
    .PARAMETER NatsUrl
        The broker, where it is not to be the one that the server names.
    .PARAMETER Group
        Static groups that the PCs are put into, by the token that is made: not with -EnrolmentToken or -NoEnrolment.
    .PARAMETER NoEnrolment
        Tells the PC neither server nor token: it has its own from before, or from Group Policy.
    .PARAMETER BusyTimeoutSec
        How long to wait for another installation that runs on the PC. Default: 600.
    .PARAMETER Force
        Does not ask, which is done when there are more than $KanadeConfirmThreshold (20) PCs.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks for each.
    .EXAMPLE
        Install-KanadeAgent

        Installs on this PC what the backend has, with a new token.
    .EXAMPLE
        Get-ADComputer -Filter "Name -like 'LAB-*'" | Install-KanadeAgent -Group Lab

        Installs on the PCs of a domain, sixteen at once, and puts them into a group.
    .EXAMPLE
        Install-KanadeAgent -ComputerName 192.168.1.20 -UseSSL -Credential (Get-Credential) -Path .\kanade-agent-1.2.3-x64.msi

        Installs on a PC of a workgroup, from a file.
    .EXAMPLE
        Install-KanadeAgent -Path .\kanade-agent-1.2.3-x64.msi -Server https://kanade.example.com:8480 -EnrolmentToken (Get-Content -Path .\token.txt)

        Installs where no backend can be reached yet, from what was carried there.
    .INPUTS
        System.String, or any object with a ComputerName, DNSHostName, Name or PSComputerName.
    .OUTPUTS
        Kanade.AgentInstallation
    #>
    [CmdletBinding(SupportsShouldProcess = $true, DefaultParameterSetName = 'Local')]
    [OutputType('Kanade.AgentInstallation')]
    param(
        [Parameter(ParameterSetName = 'ComputerName', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('DNSHostName', 'Name', 'PSComputerName')]
        [ValidateNotNullOrEmpty()]
        [string[]] $ComputerName,

        [Parameter(ParameterSetName = 'Session', Mandatory = $true)]
        [System.Management.Automation.Runspaces.PSSession[]] $Session,

        [Parameter(ParameterSetName = 'ComputerName')]
        [System.Management.Automation.PSCredential]
        [System.Management.Automation.Credential()]
        $Credential,

        [Parameter(ParameterSetName = 'ComputerName')]
        [switch] $UseSSL,

        [Parameter(ParameterSetName = 'ComputerName')]
        [ValidateRange(1, 65535)]
        [int] $Port,

        [Parameter(ParameterSetName = 'ComputerName')]
        [System.Management.Automation.Remoting.PSSessionOption] $SessionOption,

        [Parameter(ParameterSetName = 'ComputerName')]
        [Parameter(ParameterSetName = 'Session')]
        [ValidateRange(1, 256)]
        [int] $ThrottleLimit = 16,

        [string] $Path,

        [ValidatePattern('\A[0-9A-Fa-f]{64}\z')]
        [string] $Sha256,

        [switch] $RequireSignature,

        [string] $Server,

        [string] $EnrolmentToken,

        [string] $NatsUrl,

        [string[]] $Group,

        [switch] $NoEnrolment,

        [ValidateRange(0, 86400)]
        [int] $BusyTimeoutSec = 600,

        [switch] $Force
    )

    begin {
        $names = [System.Collections.Generic.List[string]]::new()
    }

    process {
        if ($ComputerName) { $names.AddRange($ComputerName) }
    }

    end {
        $temporary = $null
        try {
            if ($Group -and ($NoEnrolment -or $EnrolmentToken)) {
                throw (Get-KanadeErrorRecord -Code 'invalid_argument' -Category InvalidArgument -TargetObject $Group -Message '-Group goes into the token that is made here, and with -EnrolmentToken or -NoEnrolment none is: say it to New-KanadeEnrolmentToken, or put the PCs into their groups afterwards.')
            }
            $targets = @(Resolve-KanadeInstallTarget -ComputerName $names -Session $Session | Where-Object -FilterScript { $PSCmdlet.ShouldProcess($_.Name, 'Install the agent') })
            if ($targets.Count -eq 0) { return }
            if (-not (Confirm-KanadeTarget -Cmdlet $PSCmdlet -Action 'Install the agent on' -Number $targets.Count -Force:$Force)) { return }
            # Before a token is made that nobody will use.
            if ($PSCmdlet.ParameterSetName -eq 'Local') { Assert-KanadeInstaller }
            $connection = $null
            if (-not $Path -or -not ($NoEnrolment -or ($EnrolmentToken -and $Server))) { $connection = Get-KanadeConnection }
            if ($Path) {
                $file = Resolve-KanadeFile -Path $Path -SessionState $PSCmdlet.SessionState
            } else {
                $saved = Save-KanadeAgentPackage -Connection $connection
                $file = $saved.File
                $temporary = $saved.Folder
                if (-not $Sha256) { $Sha256 = $saved.Sha256 }
            }
            $hash = Get-KanadeFileHash -LiteralPath $file
            if ($Sha256 -and $hash -ne $Sha256) {
                throw (Get-KanadeErrorRecord -Code 'hash_mismatch' -Category SecurityError -TargetObject $file -Message "'$file' is not the package that was meant: it has the SHA-256 $hash.")
            }
            $property = @{}
            if ($NatsUrl) { $property.NATS_URL = $NatsUrl }
            if (-not $NoEnrolment) {
                $property.SERVER_URL = (Resolve-KanadeToldServer -Server $Server -Connection $connection -Others ($PSCmdlet.ParameterSetName -ne 'Local')).AbsoluteUri.TrimEnd('/')
                $property.ENROL_TOKEN = $EnrolmentToken
            }
            Invoke-KanadeTargetBatch -Cmdlet $PSCmdlet -Target $targets -Remoting (Get-KanadeRemoting -Bound $PSBoundParameters) -ThrottleLimit $ThrottleLimit -Process {
                param($Ready)
                $tokenId = $null
                if (-not $NoEnrolment -and -not $EnrolmentToken) {
                    # One for each batch: thousands of PCs take longer than a token should live.
                    $made = Request-KanadeInstallToken -Uses $Ready.Count -Description "Install-KanadeAgent on $(Format-KanadePcCount -Number $Ready.Count)" -Group $Group -Connection $connection
                    $property.ENROL_TOKEN = $made.token
                    $tokenId = $made.id
                }
                Install-KanadeTarget -Cmdlet $Cmdlet -Target $Ready -LiteralPath $file -Sha256 $hash -Property $property -RequireSignature $RequireSignature -BusyTimeoutSec $BusyTimeoutSec -TokenId $tokenId
            }
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        } finally {
            if ($temporary) { [System.IO.Directory]::Delete($temporary, $true) }
        }
    }
}

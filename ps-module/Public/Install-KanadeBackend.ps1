function Install-KanadeBackend {
    <#
    .SYNOPSIS
        Installs broker and backend on this server as two services, and waits until they are ready.
    .DESCRIPTION
        Takes an elevated PowerShell. What is not said stays as it was, or is the package's default: then both listen at all addresses of this
        server, with TLS by a CA of their own. An older version becomes this one, and all data stay.

        The firewall is not touched: until it lets the two ports in, nobody but this server reaches them. The token of the first admin is in a
        file that only administrators read; Connect-Kanade takes it, and New-KanadeEnrolmentToken makes those for PCs.
    .PARAMETER Path
        The package: kanade-backend-<version>-x64.msi.
    .PARAMETER PublicName
        Names and addresses by which PCs and admins reach this server; the first is the one that PCs are told.
    .PARAMETER Listen
        Where the API listens: host:port. The package's default is 0.0.0.0:8480.
    .PARAMETER BrokerListen
        Where the broker listens: host:port. The package's default is 0.0.0.0:4222.
    .PARAMETER BrokerUrl
        What PCs are told to connect to, where that is not the broker under the first public name.
    .PARAMETER TlsCert
        A certificate of yours, as PEM with those between it and its CA. With -TlsKey.
    .PARAMETER TlsKey
        Its key, as PEM without a passphrase.
    .PARAMETER TlsCa
        The CA of that certificate, as PEM, unless every machine trusts it anyway.
    .PARAMETER TimeoutSec
        Seconds to wait until the backend is ready. Default: 300.
    .PARAMETER WhatIf
        Says what would be done, and does nothing.
    .PARAMETER Confirm
        Asks before it installs.
    .EXAMPLE
        Install-KanadeBackend -Path .\kanade-backend-1.2.3-x64.msi -PublicName kanade.example.com

        Installs, or brings an older version up to this one.
    .EXAMPLE
        $server = Install-KanadeBackend -Path .\kanade-backend-1.2.3-x64.msi -PublicName kanade.example.com
        $token = Get-Content -LiteralPath $server.AdminTokenFile | ConvertTo-SecureString -AsPlainText -Force
        Connect-Kanade -Name prod -Server $server.Url -CaFile $server.CaFile -Token $token -Save

        Installs, and connects to what was installed.
    .INPUTS
        None
    .OUTPUTS
        Kanade.BackendInstallation
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType('Kanade.BackendInstallation')]
    param(
        [Parameter(Mandatory = $true, Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string] $Path,

        [ValidateNotNullOrEmpty()]
        [string[]] $PublicName,

        [ValidateNotNullOrEmpty()]
        [string] $Listen,

        [ValidateNotNullOrEmpty()]
        [string] $BrokerListen,

        [ValidateNotNullOrEmpty()]
        [string] $BrokerUrl,

        [ValidateNotNullOrEmpty()]
        [string] $TlsCert,

        [ValidateNotNullOrEmpty()]
        [string] $TlsKey,

        [ValidateNotNullOrEmpty()]
        [string] $TlsCa,

        [ValidateRange(1, 86400)]
        [int] $TimeoutSec = 300
    )

    try {
        $package = Resolve-KanadeFile -Path $Path -SessionState $PSCmdlet.SessionState
        $property = @{}
        if ($PublicName) { $property.PUBLIC_NAME = $PublicName -join ',' }
        foreach ($said in @{ LISTEN = $Listen; BROKER_LISTEN = $BrokerListen; BROKER_URL = $BrokerUrl }.GetEnumerator()) {
            if ($said.Value) { $property[$said.Key] = $said.Value }
        }
        # The services look for them from a folder of their own.
        foreach ($said in @{ TLS_CERT = $TlsCert; TLS_KEY = $TlsKey; TLS_CA = $TlsCa }.GetEnumerator()) {
            if ($said.Value) { $property[$said.Key] = Resolve-KanadeFile -Path $said.Value -SessionState $PSCmdlet.SessionState }
        }
        if (-not $PSCmdlet.ShouldProcess('this server', "Install $package")) { return }
        $log = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), "kanade-backend-$([guid]::NewGuid().ToString('n')).log")
        $done = Invoke-KanadeMsi -Action Install -Package $package -Property $property -LogPath $log
        $backend = Get-KanadeInstalledBackend
        Wait-KanadeBackend -Backend $backend -TimeoutSec $TimeoutSec
        ConvertTo-KanadeBackendInstallation -Backend $backend -Done $done
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}

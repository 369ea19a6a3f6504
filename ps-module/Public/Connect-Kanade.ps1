function Connect-Kanade {
    <#
    .SYNOPSIS
        Connects this PowerShell session with a Kanade backend.
    .DESCRIPTION
        Checks address and token by asking the backend, and keeps both in memory until Disconnect-Kanade or the end of the session.
        The token is held as a SecureString, and nothing is written to disk unless -Save is said.
        A session can have several connections, each with a name; the one that was connected last is what the commands talk to. Connect
        again with -Name alone to switch to one of them, or to one that was stored.
        With -Save it is stored for later sessions, and the token protected: in the default vault of SecretManagement when there is
        one, else on Windows by DPAPI, which only this user on this PC can undo, in a file that only the user can read. Where there is
        neither nothing is stored, and a warning says so.
        A script that runs unattended needs no Connect-Kanade: with KANADE_SERVER and KANADE_TOKEN set every command connects by itself,
        and KANADE_TLS_CA names the file with the CA where that is one of the backend's own.
    .PARAMETER Name
        What the connection is called. With nothing else it is the one of that name that the session has or that is stored. Default: default.
    .PARAMETER Server
        The address of the backend. A name alone means https. Default: that of the context, else the environment variable
        KANADE_SERVER, else http://127.0.0.1:8480.
    .PARAMETER Token
        The API token. Default: that of the context, else the environment variable KANADE_TOKEN, which goes to the server that
        KANADE_SERVER names and to no other one; when KANADE_SERVER is not set, to a server on this PC.
    .PARAMETER Credential
        The API token as the password of a credential, for whoever keeps tokens so; the user name does not matter.
    .PARAMETER CaFile
        A file in PEM with the CA that the certificate of the server has to come from, such as tls/ca.pem in the data folder of a
        backend that makes its own certificate. No other CA counts then, whatever this PC trusts. Default: that of the context, else
        the file that the environment variable KANADE_TLS_CA names, else the CAs that this PC trusts. Stored with -Save.
    .PARAMETER AllowUnencrypted
        Also sends the token over http to another machine, where everybody on the way can read it.
    .PARAMETER Save
        Stores address and token under the name, the token protected, for later sessions of this user on this PC.
    .PARAMETER WhatIf
        Says where it would connect to; neither connects nor stores anything.
    .PARAMETER Confirm
        Asks before it connects, and before it stores anything.
    .EXAMPLE
        Connect-Kanade -Server https://kanade.example.com -Token (Read-Host -Prompt Token -AsSecureString)

        Asks for the token without showing it.
    .EXAMPLE
        Connect-Kanade -Name prod -Server kanade.example.com -Token (Read-Host -Prompt Token -AsSecureString) -Save

        Connects, and stores it as prod. In a later session Connect-Kanade -Name prod is enough.
    .EXAMPLE
        Connect-Kanade -Name prod -Server kanade.example.com:8480 -CaFile .\ca.pem -Token (Read-Host -Prompt Token -AsSecureString) -Save

        Connects with a backend whose certificate is of its own CA, which was copied from its data folder, and stores the CA too.
    .EXAMPLE
        Connect-Kanade -Server kanade.example.com -Credential (Get-Secret -Name Kanade)

        Takes the token from SecretManagement.
    .EXAMPLE
        Connect-Kanade

        Connects with what KANADE_SERVER and KANADE_TOKEN say, or, when neither is set, with what was stored without a name.
    .INPUTS
        None
    .OUTPUTS
        Kanade.Context
    #>
    [CmdletBinding(SupportsShouldProcess = $true, DefaultParameterSetName = 'Token')]
    [OutputType('Kanade.Context')]
    param(
        [Parameter(Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string] $Server,

        [ValidatePattern('^[A-Za-z0-9_-]{1,64}$')]
        [string] $Name = 'default',

        [Parameter(ParameterSetName = 'Token')]
        [ValidateNotNull()]
        [securestring] $Token,

        [Parameter(ParameterSetName = 'Credential', Mandatory = $true)]
        [System.Management.Automation.PSCredential]
        [System.Management.Automation.Credential()]
        $Credential,

        [ValidateNotNullOrEmpty()]
        [string] $CaFile,

        [switch] $AllowUnencrypted,

        [switch] $Save
    )

    try {
        $bound = @{} + $PSBoundParameters
        if ($CaFile) { $bound.CaFile = Resolve-KanadeFile -Path $CaFile -SessionState $PSCmdlet.SessionState }
        $connection = Resolve-KanadeConnection -Bound $bound -Name $Name
        if (-not $PSCmdlet.ShouldProcess("$($connection.Server)", "Connect as $Name")) { return }
        # Any list tells whether the token is taken.
        $null = Invoke-KanadeRestMethod -Path '/agents' -Query @{ limit = 1 } -Connection $connection
        $script:KanadeContexts[$Name] = $connection
        $script:KanadeContext = $connection
        if ($Save) {
            $store = Get-KanadeTokenStore
            if ($null -eq $store) {
                Write-Warning -Message "Nothing was stored: here is neither DPAPI nor a default vault of SecretManagement to protect the token. The session is connected."
            } elseif ($PSCmdlet.ShouldProcess("context $Name for $($connection.Server)", "Store it, the token protected by $($store.Store)")) {
                Save-KanadeContext -Connection $connection -TokenStore $store
            }
        }
        Get-KanadeContext
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}

function Connect-Kanade {
    <#
    .SYNOPSIS
        Connects this PowerShell session with a Kanade backend.
    .DESCRIPTION
        Checks address and token by asking the backend, and keeps both in memory until Disconnect-Kanade or the end of the session.
        Nothing is written to disk. The token is held as a SecureString.
        A script that runs unattended needs no Connect-Kanade: with KANADE_SERVER and KANADE_TOKEN set every command connects by itself.
    .PARAMETER Server
        The address of the backend. A name alone means https. Default: the environment variable KANADE_SERVER, else http://127.0.0.1:8480.
    .PARAMETER Token
        The API token. Default: the environment variable KANADE_TOKEN.
    .PARAMETER Credential
        The API token as the password of a credential, for whoever keeps tokens so; the user name does not matter.
    .PARAMETER AllowUnencrypted
        Also sends the token over http to another machine, where everybody on the way can read it.
    .EXAMPLE
        Connect-Kanade -Server https://kanade.example.com -Token (Read-Host -Prompt Token -AsSecureString)

        Asks for the token without showing it.
    .EXAMPLE
        Connect-Kanade -Server kanade.example.com -Credential (Get-Secret -Name Kanade)

        Takes the token from SecretManagement.
    .EXAMPLE
        Connect-Kanade

        Connects with what KANADE_SERVER and KANADE_TOKEN say.
    .INPUTS
        None
    .OUTPUTS
        Kanade.Context
    #>
    [CmdletBinding(DefaultParameterSetName = 'Token')]
    [OutputType('Kanade.Context')]
    param(
        [Parameter(Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string] $Server,

        [Parameter(ParameterSetName = 'Token')]
        [ValidateNotNull()]
        [securestring] $Token,

        [Parameter(ParameterSetName = 'Credential', Mandatory = $true)]
        [System.Management.Automation.PSCredential]
        [System.Management.Automation.Credential()]
        $Credential,

        [switch] $AllowUnencrypted
    )

    try {
        # Into variables of their own: what is assigned to a parameter is validated like an argument.
        $address = @($Server, $env:KANADE_SERVER, 'http://127.0.0.1:8480' | Where-Object -FilterScript { $_ })[0]
        $secret = $Token
        if ($PSCmdlet.ParameterSetName -eq 'Credential') { $secret = $Credential.Password }
        if ($null -eq $secret -and $env:KANADE_TOKEN) { $secret = ConvertTo-KanadeSecureString -Text $env:KANADE_TOKEN }
        if ($null -eq $secret -or $secret.Length -eq 0) {
            throw (Get-KanadeErrorRecord -Code 'token_missing' -Category AuthenticationError -TargetObject $address -Message 'A token is needed: say -Token or -Credential, or set KANADE_TOKEN.')
        }
        $connection = [pscustomobject] @{
            PSTypeName  = 'Kanade.Context'
            Server      = Resolve-KanadeServer -Server $address -AllowUnencrypted:$AllowUnencrypted
            Token       = $secret
            ConnectedAt = Get-Date
        }
        # Any list tells whether the token is taken.
        $null = Invoke-KanadeRestMethod -Path '/agents' -Query @{ limit = 1 } -Connection $connection
        $script:KanadeContext = $connection
        Get-KanadeContext
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}

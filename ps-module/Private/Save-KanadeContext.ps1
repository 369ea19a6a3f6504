# Stores a connection, its token protected.
function Save-KanadeContext {
    [CmdletBinding()]
    [OutputType([void])]
    param(
        [Parameter(Mandatory = $true)][psobject] $Connection,
        # Of Get-KanadeTokenStore.
        [Parameter(Mandatory = $true)][psobject] $TokenStore
    )

    $folder = Get-KanadeContextFolder
    # As names are compared, which a file system may see otherwise.
    $name = $Connection.Name.ToLowerInvariant()
    $said = [ordered] @{
        server            = $Connection.Server.AbsoluteUri
        # What the certificate of the server is to come from is no secret.
        ca                = $Connection.Ca
        allow_unencrypted = [bool] $Connection.AllowUnencrypted
        store             = $TokenStore.Store
        vault             = $TokenStore.Vault
        token             = $null
    }
    try {
        if (-not [System.IO.Directory]::Exists($folder)) {
            $null = [System.IO.Directory]::CreateDirectory($folder)
            Protect-KanadeFolder -LiteralPath $folder
        }
        if ($TokenStore.Store -eq 'SecretManagement') {
            $credential = New-Object -TypeName System.Management.Automation.PSCredential -ArgumentList $Connection.Server.AbsoluteUri, $Connection.Token
            Set-Secret -Name "Kanade.$name" -Vault $TokenStore.Vault -Secret $credential -ErrorAction Stop
        } else {
            $said.token = Protect-KanadeToken -Token $Connection.Token
        }
        # Beside it and moved, so that no half of one is ever read.
        $path = Join-Path -Path $folder -ChildPath "$name.json"
        [System.IO.File]::WriteAllText("$path.new", (ConvertTo-Json -InputObject $said))
        Move-Item -LiteralPath "$path.new" -Destination $path -Force -ErrorAction Stop
    } catch {
        throw (Get-KanadeErrorRecord -Code 'context_not_saved' -Category WriteError -TargetObject $Connection.Name -InnerException $_.Exception -Message "The context $($Connection.Name) cannot be stored: $($_.Exception.Message)")
    }
}

# Whom to talk to: what Connect-Kanade was told, else what the environment says, so that a scheduled script needs no more
# than its variables.
function Get-KanadeConnection {
    [CmdletBinding()]
    [OutputType([psobject])]
    param()

    if ($null -ne $script:KanadeContext) { return $script:KanadeContext }
    if ($env:KANADE_SERVER -and $env:KANADE_TOKEN) {
        return New-Object -TypeName psobject -Property @{
            Server      = Resolve-KanadeServer -Server $env:KANADE_SERVER
            Token       = ConvertTo-KanadeSecureString -Text $env:KANADE_TOKEN
            Ca          = $(if ($env:KANADE_TLS_CA) { Read-KanadeCa -LiteralPath $env:KANADE_TLS_CA })
            ConnectedAt = $null
        }
    }
    throw (Get-KanadeErrorRecord -Code 'not_connected' -Category ConnectionError -Message 'There is no connection: run Connect-Kanade first, or set KANADE_SERVER and KANADE_TOKEN.')
}

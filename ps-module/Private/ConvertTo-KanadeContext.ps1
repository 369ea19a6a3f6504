# What is shown of a context: never the token.
function ConvertTo-KanadeContext {
    [CmdletBinding()]
    [OutputType('Kanade.Context')]
    param(
        [Parameter(Mandatory = $true)][string] $Name,
        # Of this session.
        [AllowNull()][psobject] $Connection,
        # Of Get-KanadeStoredContext.
        [AllowNull()][psobject] $Stored
    )

    [pscustomobject] @{
        PSTypeName  = 'Kanade.Context'
        Name        = $Name
        Server      = $(if ($null -ne $Connection) { $Connection.Server } else { $Stored.Server })
        # The CA its certificate has to come from; nothing when this PC decides.
        Ca          = $(if ($null -ne $Connection) { Get-KanadeCaName -Ca $Connection.Ca } else { Get-KanadeCaName -Ca $Stored.Ca })
        Current     = $null -ne $Connection -and $script:KanadeContext -eq $Connection
        ConnectedAt = $(if ($null -ne $Connection) { $Connection.ConnectedAt })
        # What protects it; nothing when it is in memory only.
        Stored      = $(if ($null -ne $Stored) { $Stored.Store })
    }
}

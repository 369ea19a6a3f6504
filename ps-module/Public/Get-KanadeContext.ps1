function Get-KanadeContext {
    <#
    .SYNOPSIS
        Shows the backend this PowerShell session is connected with.
    .DESCRIPTION
        Shows the address and since when; never the token. Gives nothing when Connect-Kanade was not run or has failed.
    .EXAMPLE
        Get-KanadeContext

        Shows where the next command will go.
    .EXAMPLE
        if (-not (Get-KanadeContext)) { Connect-Kanade }

        Connects unless that is done.
    .INPUTS
        None
    .OUTPUTS
        Kanade.Context
    #>
    [CmdletBinding()]
    [OutputType('Kanade.Context')]
    param()

    if ($null -eq $script:KanadeContext) { return }
    [pscustomobject] @{
        PSTypeName  = 'Kanade.Context'
        Server      = $script:KanadeContext.Server
        ConnectedAt = $script:KanadeContext.ConnectedAt
    }
}

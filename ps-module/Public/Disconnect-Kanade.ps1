function Disconnect-Kanade {
    <#
    .SYNOPSIS
        Forgets the backend this PowerShell session is connected with.
    .DESCRIPTION
        Forgets address and token that Connect-Kanade was given. What was submitted goes on. Without a connection it does nothing.
    .EXAMPLE
        Disconnect-Kanade

        The next command says that there is no connection, unless KANADE_SERVER and KANADE_TOKEN are set.
    .INPUTS
        None
    .OUTPUTS
        None
    #>
    [CmdletBinding()]
    [OutputType([void])]
    param()

    # Not disposed of: a token that was handed over belongs to whoever did so.
    $script:KanadeContext = $null
}

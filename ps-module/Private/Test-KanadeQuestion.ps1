# Whether a command whose ConfirmImpact is High asks, or says with -WhatIf what it would do: then it is to be known what it means.
function Test-KanadeQuestion {
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet)

    $bound = $Cmdlet.MyInvocation.BoundParameters
    return [bool] ($WhatIfPreference -or -not $bound.ContainsKey('Confirm') -or $bound['Confirm'])
}

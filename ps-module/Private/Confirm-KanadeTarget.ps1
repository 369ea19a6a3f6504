# Whether so many PCs are meant: asks when there are more than $KanadeConfirmThreshold of the session says, 20 when it says
# nothing. -Force, -Confirm:$false and $ConfirmPreference = 'None' switch that off, and nobody is asked twice. With -WhenUnasked it is for
# commands that ask about each: then it asks when they do not, and -Force alone switches that off.
function Confirm-KanadeTarget {
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        # 'Run ... on'
        [Parameter(Mandatory = $true)][string] $Action,
        # Of the API. Counted only when it matters, for the backend may have to be asked.
        [Parameter(ParameterSetName = 'Target', Mandatory = $true)][System.Collections.IDictionary] $Target,
        [Parameter(ParameterSetName = 'Number', Mandatory = $true)][int] $Number,
        [switch] $WhenUnasked,
        [switch] $Force
    )

    if ($Force) { return $true }
    $bound = $Cmdlet.MyInvocation.BoundParameters
    $session = $Cmdlet.SessionState.PSVariable
    $preference = "$($session.GetValue('ConfirmPreference', 'High'))"
    $how = '-Force or -Confirm:$false'
    if ($WhenUnasked) {
        $how = '-Force'
        $unasked = if ($bound.ContainsKey('Confirm')) { -not $bound['Confirm'] } else { $preference -eq 'None' }
        if ($WhatIfPreference -or -not $unasked) { return $true }
    } elseif ($bound.ContainsKey('Confirm') -or $preference -ne 'High') {
        # Below High the command has asked already.
        return $true
    }
    $threshold = 0
    if (-not [int]::TryParse("$($session.GetValue('KanadeConfirmThreshold', 20))", [ref] $threshold)) { $threshold = 20 }
    if ($PSCmdlet.ParameterSetName -eq 'Target') { $Number = (Measure-KanadeTarget -Target $Target).Count }
    if ($Number -le $threshold) { return $true }
    $answer = Request-KanadeConsent -Cmdlet $Cmdlet -Question "$Action $(Format-KanadePcCount -Number $Number)?"
    if ($null -ne $answer) { return $answer }
    throw (Get-KanadeErrorRecord -Code 'confirmation_needed' -Category PermissionDenied -TargetObject $Number -Message "$Action $(Format-KanadePcCount -Number $Number), more than $threshold, is to be confirmed, and nobody can be asked here: say $how, or raise `$KanadeConfirmThreshold.")
}

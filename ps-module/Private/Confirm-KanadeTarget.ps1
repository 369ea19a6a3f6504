# Whether so many PCs are meant: asks when there are more than $KanadeConfirmThreshold of the session says, 20 when it says
# nothing. -Force, -Confirm:$false and $ConfirmPreference = 'None' switch that off, and nobody is asked twice.
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
        [switch] $Force
    )

    if ($Force -or $Cmdlet.MyInvocation.BoundParameters.ContainsKey('Confirm')) { return $true }
    $session = $Cmdlet.SessionState.PSVariable
    # Below High the command has asked already.
    if ("$($session.GetValue('ConfirmPreference', 'High'))" -ne 'High') { return $true }
    $threshold = 0
    if (-not [int]::TryParse("$($session.GetValue('KanadeConfirmThreshold', 20))", [ref] $threshold)) { $threshold = 20 }
    if ($PSCmdlet.ParameterSetName -eq 'Target') { $Number = (Measure-KanadeTarget -Target $Target).Count }
    if ($Number -le $threshold) { return $true }
    $answer = Request-KanadeConsent -Cmdlet $Cmdlet -Question "$Action $(Format-KanadePcCount -Number $Number)?"
    if ($null -ne $answer) { return $answer }
    throw (Get-KanadeErrorRecord -Code 'confirmation_needed' -Category PermissionDenied -TargetObject $Number -Message "$Action $(Format-KanadePcCount -Number $Number), more than $threshold, is to be confirmed, and nobody can be asked here: say -Force or -Confirm:`$false, or raise `$KanadeConfirmThreshold.")
}

# Approves or denies one enrolment. Ok says whether it went well, and Value is what was answered; what went wrong has been said.
function Send-KanadeEnrolmentDecision {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][string] $EnrolmentId,
        [Parameter(Mandatory = $true)][ValidateSet('approve', 'deny')][string] $Decision,
        [System.Collections.IDictionary] $Body
    )

    $call = @{ Method = 'POST'; Path = "/enrolments/$([uri]::EscapeDataString($EnrolmentId))/$Decision" }
    if ($Body) { $call.Body = $Body }
    Invoke-KanadeTargetCall -Cmdlet $Cmdlet -TargetObject $EnrolmentId -Missing "No enrolment waits under '$EnrolmentId'; -ComputerName takes the name of a PC." -Call $call
}

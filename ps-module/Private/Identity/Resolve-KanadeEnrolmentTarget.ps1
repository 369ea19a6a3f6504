# An enrolment as it is called when somebody is asked about it, or nothing when there is none, which has been said.
function Resolve-KanadeEnrolmentTarget {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][string] $EnrolmentId
    )

    $reasons = @{
        needs_approval = 'its token asks for an approval'
        name_taken     = 'ANOTHER PC has this name'
        name_retired   = 'a RETIRED PC had this name'
        name_revoked   = 'the PC of this name was REVOKED'
    }
    $known = Invoke-KanadeTargetCall -Cmdlet $Cmdlet -TargetObject $EnrolmentId -Missing "No enrolment waits under '$EnrolmentId'; -ComputerName takes the name of a PC." -Call @{ Path = "/enrolments/$([uri]::EscapeDataString($EnrolmentId))" }
    if (-not $known.Ok) { return }
    $enrolment = $known.Value
    $why = $enrolment.reason
    if ($reasons.ContainsKey($why)) { $why = $reasons[$why] }
    $from = ''
    if ($enrolment.source_ip) { $from = " from $($enrolment.source_ip)" }
    # What a PC says of itself is shown to whoever decides: without what a terminal would obey.
    return (Format-KanadeCell -Value "$($enrolment.pc_id)$from ($why; key $EnrolmentId)") -replace '\s+', ' '
}

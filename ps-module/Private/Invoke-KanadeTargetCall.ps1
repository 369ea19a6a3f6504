# One call about one target. Ok says whether it went well, and Value is what was answered; what went wrong has been said.
function Invoke-KanadeTargetCall {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][AllowEmptyString()][string] $TargetObject,
        [string] $Missing,
        # For Invoke-KanadeRestMethod.
        [Parameter(Mandatory = $true)][hashtable] $Call
    )

    try {
        $answer = Invoke-KanadeRestMethod @Call -PassError
    } catch {
        $Cmdlet.ThrowTerminatingError($_)
    }
    $ok = $answer -isnot [System.Management.Automation.ErrorRecord]
    if (-not $ok) {
        Write-KanadeError -Cmdlet $Cmdlet -Record $answer -TargetObject $TargetObject -Missing $Missing
        $answer = $null
    }
    return [pscustomobject] @{ Ok = $ok; Value = $answer }
}

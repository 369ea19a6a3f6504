# A PC as it is called when somebody is asked about it, or nothing when it is not known, which has been said.
function Resolve-KanadeAgentTarget {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][string] $Pc,
        # As the PC was named.
        [Parameter(Mandatory = $true)][string] $Name,
        # Also how many executions are queued or running there, for they end.
        [switch] $Queue
    )

    $target = @{ Cmdlet = $Cmdlet; TargetObject = $Name; Missing = "No PC named $Pc is enrolled." }
    $known = Invoke-KanadeTargetCall @target -Call @{ Path = "/agents/$Pc" }
    if (-not $known.Ok) { return }
    if ($known.Value.retired_at) { $said = 'retired' }
    elseif ($known.Value.online) { $said = 'online' }
    else { $said = "last heard of at $(ConvertFrom-KanadeInstant -Value $known.Value.last_seen)" }
    if ($Queue) {
        $most = 500
        $waiting = Invoke-KanadeTargetCall @target -Call @{ Path = "/agents/$Pc/queue"; Query = @{ limit = $most } }
        if (-not $waiting.Ok) { return }
        $count = @($waiting.Value.items).Count
        if ($waiting.Value.next) { $count = "more than $most" }
        $said += ", executions queued or running there: $count"
    }
    return "$Pc ($said)"
}

function Get-KanadeAudit {
    <#
    .SYNOPSIS
        Gets the audit: who has changed what, what was there before and after, and how it ended.
    .DESCRIPTION
        Gives the entries that all filters fit, newest first, also of changes that were refused (Result is then not ok). Needs a token of
        an admin.
    .PARAMETER Actor
        Only what this account or token has done.
    .PARAMETER Action
        Only this action, such as job_put, schedule_disable, execution_submit or agent_retire.
    .PARAMETER Target
        Only what was done to this, such as jobs/disk-cleanup, schedules/disk-cleanup or agents/PC1.
    .PARAMETER Since
        Only what was recorded at this time or later.
    .PARAMETER First
        The newest so many. Default: 50, with -Since all.
    .EXAMPLE
        Get-KanadeAudit -Since (Get-Date).AddHours(-1)

        What was changed in the last hour.
    .EXAMPLE
        Get-KanadeAudit -Target jobs/disk-cleanup | Format-List

        Everything that was done to a job.
    .INPUTS
        None
    .OUTPUTS
        Kanade.AuditEntry
    #>
    [CmdletBinding()]
    [OutputType('Kanade.AuditEntry')]
    param(
        [string] $Actor,

        [string] $Action,

        [string] $Target,

        [datetime] $Since,

        [ValidateRange(1, 2147483647)]
        [int] $First = 50
    )

    $query = @{}
    if ($Actor) { $query.actor = $Actor }
    if ($Action) { $query.action = $Action.ToLowerInvariant() }
    if ($Target) { $query.target = $Target }
    if ($PSBoundParameters.ContainsKey('Since')) { $query.since = ConvertTo-KanadeInstant -Value $Since }
    try {
        Invoke-KanadeRestMethod -Path '/audit' -Query $query -All -First (Resolve-KanadeFirst -Bound $PSBoundParameters -First $First) | ConvertTo-KanadeAuditEntry
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}

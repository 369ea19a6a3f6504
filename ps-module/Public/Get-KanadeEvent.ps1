function Get-KanadeEvent {
    <#
    .SYNOPSIS
        Gets what PCs have said of themselves, and what was noticed of them: coming, going, refusing, being in trouble.
    .DESCRIPTION
        Gives the events that all filters fit, newest first. Of the last 90 days at most.
    .PARAMETER ComputerName
        Only events of these PCs. Takes names and objects with a Name, DNSHostName, PSComputerName or pc_id from the pipeline.
    .PARAMETER Kind
        Only events of this kind: online, stopping, offline, enrolled, refused, abandoned, conflict, retired_seen, over_quota,
        enrolment_pending, enrolment_denied, enrolment_refused, identity_revoked, revoked_seen, renamed or forged.
    .PARAMETER Since
        Only what was heard at this time or later.
    .PARAMETER First
        The newest so many, of each PC when PCs are named. Default: 50, with -Since all.
    .EXAMPLE
        Get-KanadeEvent -Kind refused -Since (Get-Date).AddDays(-1)

        What PCs have refused to run since yesterday, and why.
    .EXAMPLE
        Get-KanadeEvent -ComputerName PC1 -First 10

        The last that was heard of a PC.
    .INPUTS
        System.String, or any object with a ComputerName, Name, DNSHostName, PSComputerName or pc_id.
    .OUTPUTS
        Kanade.Event
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    [OutputType('Kanade.Event')]
    param(
        [Parameter(ParameterSetName = 'Name', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Name', 'DNSHostName', 'PSComputerName', 'pc_id')]
        [string[]] $ComputerName,

        [string] $Kind,

        [datetime] $Since,

        [ValidateRange(1, 2147483647)]
        [int] $First = 50
    )

    begin {
        $query = @{}
        if ($Kind) { $query.kind = $Kind.ToLowerInvariant() }
        if ($PSBoundParameters.ContainsKey('Since')) { $query.since = ConvertTo-KanadeInstant -Value $Since }
        $newest = Resolve-KanadeFirst -Bound $PSBoundParameters -First $First
    }

    process {
        if ($PSCmdlet.ParameterSetName -eq 'List') {
            try {
                Invoke-KanadeRestMethod -Path '/events' -Query $query -All -First $newest | ConvertTo-KanadeEvent
            } catch {
                $PSCmdlet.ThrowTerminatingError($_)
            }
            return
        }
        foreach ($name in $ComputerName) {
            $pc = Resolve-KanadePcId -Cmdlet $PSCmdlet -Name $name
            if (-not $pc) { continue }
            $query.pc = $pc
            $listed = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $name -Call @{ Path = '/events'; Query = $query; All = $true; First = $newest }
            if ($listed.Ok) { $listed.Value | Where-Object -FilterScript { $null -ne $_ } | ConvertTo-KanadeEvent }
        }
    }
}

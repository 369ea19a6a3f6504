# Some PCs of an execution and what became of it on each, as the API tells it. Whoever is not among them is left out.
function Get-KanadeRowOfPc {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][string] $ExecId,
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][string[]] $PcId,
        # Also what they wrote, where it is short.
        [switch] $Output
    )

    # As many as the API takes.
    $most = 100
    $path = '/executions/' + [uri]::EscapeDataString($ExecId) + '/targets'
    for ($from = 0; $from -lt $PcId.Count; $from += $most) {
        $query = @{ pc = $PcId[$from..([Math]::Min($from + $most, $PcId.Count) - 1)] -join ',' }
        if ($Output) { $query.output = 'true' }
        Invoke-KanadeRestMethod -Path $path -Query $query -All
    }
}

# The PCs of an execution and what became of it on each, as the API tells it. A name that is not among them is an error of
# the command, and the others are given.
function Get-KanadeTargetRow {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][string] $ExecId,
        [AllowNull()][string[]] $ComputerName,
        [AllowNull()][string[]] $State,
        # Also what they wrote, where it is short.
        [switch] $Output,
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet
    )

    $path = '/executions/' + [uri]::EscapeDataString($ExecId) + '/targets'
    $query = @{}
    if ($Output) { $query.output = 'true' }
    if (-not $ComputerName) {
        if ($State) { $query.state = $State -join ',' }
        return Invoke-KanadeRestMethod -Path $path -Query $query -All
    }
    $names = @{}
    foreach ($name in $ComputerName) {
        $pc = ConvertTo-KanadePcId -Name $name
        if ($pc) { $names[$pc] = $name } else { $names[$name] = $name }
    }
    if ($names.Count -eq 1) {
        $pc = ConvertTo-KanadePcId -Name $ComputerName[0]
        if ($pc) { $query.pc = $pc }
    }
    $found = @{}
    foreach ($row in Invoke-KanadeRestMethod -Path $path -Query $query -All) {
        if (-not $names.ContainsKey($row.pc_id)) { continue }
        $found[$row.pc_id] = $true
        if (-not $State -or $row.state -in $State) { $row }
    }
    foreach ($pc in $names.Keys) {
        if ($found.ContainsKey($pc)) { continue }
        $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'unknown_pc' -Category ObjectNotFound -TargetObject $names[$pc] -Message "'$($names[$pc])' is not among the PCs of the execution $ExecId."))
    }
}

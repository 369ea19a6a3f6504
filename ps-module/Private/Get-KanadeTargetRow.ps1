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

    if (-not $ComputerName) {
        $query = @{}
        if ($Output) { $query.output = 'true' }
        if ($State) { $query.state = $State -join ',' }
        return Invoke-KanadeRestMethod -Path ('/executions/' + [uri]::EscapeDataString($ExecId) + '/targets') -Query $query -All
    }
    # By id the name that was said; in the order they were said.
    $names = New-Object -TypeName System.Collections.Specialized.OrderedDictionary
    $strangers = New-Object -TypeName 'System.Collections.Generic.List[string]'
    foreach ($name in $ComputerName) {
        $pc = ConvertTo-KanadePcId -Name $name
        if ($pc) { $names[$pc] = $name } else { $strangers.Add($name) }
    }
    $left = New-Object -TypeName 'System.Collections.Generic.HashSet[string]' -ArgumentList (, [string[]] @($names.Keys))
    foreach ($row in Get-KanadeRowOfPc -ExecId $ExecId -PcId @($names.Keys) -Output:$Output) {
        $null = $left.Remove($row.pc_id)
        if (-not $State -or $row.state -in $State) { $row }
    }
    foreach ($pc in $left) { $strangers.Add($names[$pc]) }
    foreach ($name in $strangers) {
        $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'unknown_pc' -Category ObjectNotFound -TargetObject $name -Message "'$name' is not among the PCs of the execution $ExecId."))
    }
}

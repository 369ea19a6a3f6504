# What has changed on a PC, newest first. What is wrong with this PC alone is an error of the command.
function Get-KanadeInventoryChange {
    [CmdletBinding()]
    [OutputType('Kanade.InventoryChange')]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][string] $Pc,
        # As the API calls them. Default: all.
        [string[]] $Section = @(),
        [AllowNull()][Nullable[datetime]] $Since,
        [int] $First = [int]::MaxValue
    )

    $query = @{}
    if ($Section.Count -gt 0) { $query.section = $Section -join ',' }
    if ($null -ne $Since) { $query.since = ConvertTo-KanadeInstant -Value $Since }
    Invoke-KanadeRestMethod -Path "/agents/$Pc/inventory-changes" -Query $query -All -First $First -PassError | ForEach-Object -Process {
        if ($_ -is [System.Management.Automation.ErrorRecord]) {
            return Write-KanadeError -Cmdlet $Cmdlet -Record $_ -TargetObject $Pc -Missing "No PC named $Pc is enrolled."
        }
        $change = $_
        $parts = @{}
        foreach ($part in 'key', 'before', 'after') {
            if ($null -ne $change.$part) { $parts[$part] = [pscustomobject] @{ pc_id = $null; row = $change.$part } | ConvertTo-KanadeInventoryRow -Section $change.section }
        }
        [pscustomobject] @{
            PSTypeName   = 'Kanade.InventoryChange'
            ComputerName = $Pc
            Section      = $change.section
            # When the PC saw it; a PC that was off says it later.
            At           = ConvertFrom-KanadeInstant -Value $change.collected_at
            Change       = $change.change
            Key          = $parts['key']
            Before       = $parts['before']
            After        = $parts['after']
            RecordedAt   = ConvertFrom-KanadeInstant -Value $change.recorded_at
        }
    }
}

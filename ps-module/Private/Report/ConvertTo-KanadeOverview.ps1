# What the overview of a fleet shows: tables by their captions, each a list of objects of one shape. The agents are those of
# Get-KanadeAgent, the rest are rows of inventory, with their PCs.
function ConvertTo-KanadeOverview {
    [CmdletBinding()]
    [OutputType([System.Collections.Specialized.OrderedDictionary])]
    param(
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][psobject[]] $Agent,
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][psobject[]] $Os,
        # Those that wait for a restart.
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][psobject[]] $Reboot,
        # Those that are short of space.
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][psobject[]] $Volume,
        # The PCs that do not, as they have said. Of any other nobody knows.
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][string[]] $NoReboot,
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][string[]] $EnoughSpace,
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][psobject[]] $Fault,
        [Parameter(Mandatory = $true)][datetime] $Now
    )

    $by = @{ Os = @{}; Reboot = @{}; Volume = @{}; Fault = @{} }
    foreach ($row in $Os) { $by.Os[$row.ComputerName] = $row }
    foreach ($pc in $NoReboot) { $by.Reboot[$pc] = $false }
    foreach ($row in $Reboot) { $by.Reboot[$row.ComputerName] = $true }
    foreach ($pc in $EnoughSpace) { $by.Volume[$pc] = 0 }
    foreach ($row in $Volume) { $by.Volume[$row.ComputerName] = 1 + $by.Volume[$row.ComputerName] }
    foreach ($row in $Fault) { $by.Fault[$row.ComputerName] = 1 + $by.Fault[$row.ComputerName] }
    $read = {
        param($Row, $Name)
        $property = $Row.PSObject.Properties[$Name]
        if ($null -ne $property) { $property.Value }
    }
    $ages = 'a day', 'a week', 'a month', 'more', 'none yet'
    $pcs = @(foreach ($pc in $Agent) {
            $name = $pc.ComputerName
            $system = $by.Os[$name]
            $row = [ordered] @{
                ComputerName   = $name
                Online         = $pc.Online
                LastSeen       = $pc.LastSeen
                OS             = $pc.OS
                Release        = $null
                OSVersion      = $null
                AgentVersion   = $pc.Version
                InventoryAt    = $pc.InventoryAt
                # $null: nobody knows.
                RebootRequired = $by.Reboot[$name]
                LowVolumes     = $by.Volume[$name]
                Faults         = $by.Fault[$name]
            }
            if ($null -eq $row.Faults -and $null -ne $pc.InventoryAt) { $row.Faults = 0 }
            if ($null -ne $system) {
                # A PC may report a section without some of its fields.
                $row.OS = & $read $system 'Name'
                $row.Release = & $read $system 'DisplayVersion'
                $row.OSVersion = & $read $system 'Version'
            }
            [pscustomobject] $row
        })
    $age = {
        if ($null -eq $_.InventoryAt) { return 'none yet' }
        $days = ($Now - $_.InventoryAt).TotalDays
        if ($days -le 1) { return 'a day' }
        if ($days -le 7) { return 'a week' }
        if ($days -le 30) { return 'a month' }
        return 'more'
    }
    $aged = @{}
    foreach ($group in $pcs | Group-Object -Property $age) { $aged[$group.Name] = $group.Count }
    $count = { param($What, $Number) [pscustomobject] @{ What = $What; PCs = $Number } }
    return [ordered] @{
        'Figures'         = @(
            & $count 'All' $pcs.Count
            & $count 'Online' @($pcs | Where-Object -FilterScript { $_.Online }).Count
            & $count 'Off' @($pcs | Where-Object -FilterScript { -not $_.Online }).Count
            & $count 'Not seen for 30 days' @($pcs | Where-Object -FilterScript { $null -eq $_.LastSeen -or ($Now - $_.LastSeen).TotalDays -gt 30 }).Count
            & $count 'Waiting for a restart' @($pcs | Where-Object -FilterScript { $_.RebootRequired }).Count
            & $count 'Waiting for a restart: unknown' @($pcs | Where-Object -FilterScript { $null -eq $_.RebootRequired }).Count
            & $count 'Short of space' @($pcs | Where-Object -FilterScript { $_.LowVolumes -gt 0 }).Count
            & $count 'Short of space: unknown' @($pcs | Where-Object -FilterScript { $null -eq $_.LowVolumes }).Count
            & $count 'With something that could not be read' @($pcs | Where-Object -FilterScript { $_.Faults -gt 0 }).Count
            & $count 'Without inventory' @($pcs | Where-Object -FilterScript { $null -eq $_.Faults }).Count
        )
        'Systems'         = @($pcs | Group-Object -Property OS, Release | Sort-Object -Property @{ Expression = 'Count'; Descending = $true }, Name | ForEach-Object -Process {
                [pscustomobject] @{ OS = $_.Group[0].OS; Release = $_.Group[0].Release; PCs = $_.Count; Online = @($_.Group | Where-Object -FilterScript { $_.Online }).Count }
            })
        'Agents'          = @($pcs | Group-Object -Property AgentVersion | Sort-Object -Property @{ Expression = 'Count'; Descending = $true }, Name | ForEach-Object -Process {
                [pscustomobject] @{ AgentVersion = $_.Group[0].AgentVersion; PCs = $_.Count }
            })
        'Inventory Age'   = @($ages | ForEach-Object -Process { [pscustomobject] @{ Within = $_; PCs = [int] $aged[$_] } })
        'Pending Reboots' = @($Reboot | Select-Object -Property ComputerName, Reasons)
        'Low Volumes'     = @($Volume | Select-Object -Property ComputerName, Name, Label, SizeBytes, FreeGb, FreePercent)
        'Faults'          = @($Fault | Select-Object -Property ComputerName, Section, Code, Source, Message, CheckedAt)
        'PCs'             = $pcs
    }
}

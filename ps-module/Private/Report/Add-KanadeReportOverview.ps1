# The overview of the fleet; CSV, which has one table, gets a row for each PC.
function Add-KanadeReportOverview {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Report,
        [string] $Group
    )

    $query = @{}
    if ($Group) { $query.group = $Group }
    $rows = @{}
    # Percent of a volume below which it counts as short of space.
    $low = 10
    $wanted = @{ Os = @('os', @()); Reboot = @('pending_reboot', @('pending_reboot.required=true')); Volume = @('volumes', @("volumes.free_percent<$low")) }
    foreach ($name in $wanted.Keys) {
        $section, $conditions = $wanted[$name]
        $rows[$name] = @(Invoke-KanadeRestMethod -Path "/inventory/$section" -Query $query -Condition $conditions -All | ConvertTo-KanadeInventoryRow -Section $section)
    }
    # Who has said that all is well: whoever has not sent a section is not well for that.
    foreach ($well in @{ NoReboot = 'pending_reboot.required=false'; EnoughSpace = "!volumes.free_percent<$low" }.GetEnumerator()) {
        $rows[$well.Key] = @(Invoke-KanadeRestMethod -Path '/inventory/search' -Query $query -Condition $well.Value -All | ForEach-Object -Process { $_.pc_id })
    }
    $rows.Agent = @(Invoke-KanadeRestMethod -Path '/agents' -Query $query -All | ConvertTo-KanadeAgent)
    $rows.Fault = @(Invoke-KanadeRestMethod -Path '/inventory-faults' -Query $query -All | ForEach-Object -Process {
            $section = $_
            # What a PC does not have at all is no trouble.
            foreach ($fault in $section.faults | Where-Object -FilterScript { $_.code -ne 'not_supported' }) {
                [pscustomobject] @{
                    ComputerName = $section.pc_id
                    Section      = $section.section
                    Code         = $fault.code
                    Source       = $fault.source
                    Message      = $fault.message
                    CheckedAt    = ConvertFrom-KanadeInstant -Value $section.checked_at
                }
            }
        })
    $tables = ConvertTo-KanadeOverview @rows -Now (Get-Date)
    # Of tables that may be empty; the others have a first object.
    $columns = @{
        'Pending Reboots' = 'ComputerName', 'Reasons'
        'Low Volumes'     = 'ComputerName', 'Name', 'Label', 'SizeBytes', 'FreeGb', 'FreePercent'
        'Faults'          = 'ComputerName', 'Section', 'Code', 'Source', 'Message', 'CheckedAt'
    }
    foreach ($caption in $tables.Keys) {
        if ($Report.Format -eq 'Csv' -and $caption -ne 'PCs') { continue }
        Add-KanadeReportRow -Report $Report -Caption $caption -Row $tables[$caption] -Property @($columns[$caption] | Where-Object -FilterScript { $_ })
    }
}

# What the backend holds of one PC, in the form in which Get-KanadeInventory gives it on the PC itself. What is wrong with this PC
# alone is an error of the command; what would be wrong with any other too ends it.
function Get-KanadeRemoteInventory {
    [CmdletBinding()]
    [OutputType('Kanade.InventorySection')]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][string] $Pc,
        # As the API calls them. Default: all it has.
        [string[]] $Section = @(),
        # Has the PC collect first.
        [switch] $Refresh
    )

    $missing = "No PC named $Pc is enrolled."
    # What a job writes is collected by running the job.
    $collected = @($Section | Where-Object -FilterScript { $_ -in (Get-KanadeInventoryDefinition).Keys })
    if ($Refresh -and ($collected.Count -gt 0 -or $Section.Count -eq 0)) {
        $body = @{}
        if ($collected.Count -gt 0) { $body.sections = $collected }
        # Seconds. The backend waits for the PC, which looks at everything it has, for three minutes at most.
        $refreshed = Invoke-KanadeRestMethod -Method POST -Path "/agents/$Pc/inventory/refresh" -Body $body -TimeoutSec 300 -PassError
        if ($refreshed -is [System.Management.Automation.ErrorRecord]) {
            Write-KanadeError -Cmdlet $Cmdlet -Record $refreshed -TargetObject $Pc -Missing $missing -Code 'agent_unreachable', 'inventory_failed', 'not_ready'
            return
        }
        $pending = @()
        if ($refreshed.PSObject.Properties['pending']) { $pending = @($refreshed.pending) }
        if ($pending.Count -gt 0) {
            $Cmdlet.WriteWarning((Format-KanadeCell -Value "$Pc still reads $($pending -join ', '): what is shown of that is what was read before."))
        }
    }
    $query = @{}
    if ($Section.Count -gt 0) { $query.section = $Section -join ',' }
    $answer = Invoke-KanadeRestMethod -Path "/agents/$Pc/inventory" -Query $query -PassError
    if ($answer -is [System.Management.Automation.ErrorRecord]) {
        Write-KanadeError -Cmdlet $Cmdlet -Record $answer -TargetObject $Pc -Missing $missing
        return
    }
    foreach ($item in $answer.sections) {
        $rows = @(foreach ($row in $item.data) { [pscustomobject] @{ pc_id = $Pc; row = $row } })
        $data = @($rows | ConvertTo-KanadeInventoryRow -Section $item.section)
        if ($null -eq $item.data) { $data = $null }
        # An object is one; a list is a list also when it has one row or none.
        elseif ($null -eq $item.rows) { $data = $data[0] }
        [pscustomobject] @{
            PSTypeName   = 'Kanade.InventorySection'
            ComputerName = $Pc
            Section      = $item.section
            CollectedAt  = ConvertFrom-KanadeInstant -Value $item.collected_at
            CheckedAt    = ConvertFrom-KanadeInstant -Value $item.checked_at
            Data         = $data
            Faults       = @(foreach ($fault in $item.faults) {
                    [pscustomobject] @{ PSTypeName = 'Kanade.InventoryFault'; Source = $fault.source; Code = $fault.code; Message = $fault.message }
                })
            JobId        = $item.job_id
            ExecId       = $item.exec_id
        }
    }
    # Of the others it has nothing is known here: the backend was asked for these alone.
    $has = @($answer.sections | ForEach-Object -Process { $_.section })
    foreach ($name in $Section) {
        if ($name -in $has) { continue }
        $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'section_missing' -Category ObjectNotFound -TargetObject $Pc -Message "$Pc has sent no section '$name'. Get-KanadeInventory -ComputerName $Pc gives those it has."))
    }
}

# Collects one section. A collector gives its rows; $null, which is not the same as nothing, says that nothing could be read.
function Read-KanadeInventorySection {
    [CmdletBinding()]
    [OutputType('Kanade.InventorySection')]
    param(
        [Parameter(Mandatory = $true)][string] $Section,
        # Seconds, of the whole section.
        [double] $TimeoutSec = 60,
        # To be kept and compared with the next: without what changes all the time by itself.
        [switch] $Steady
    )

    $definition = (Get-KanadeInventoryDefinition)[$Section]
    $reading = [pscustomobject] @{
        Clock            = [System.Diagnostics.Stopwatch]::StartNew()
        TimeoutSec       = $TimeoutSec
        # Of one class, one command: the others shall have their turn.
        SourceTimeoutSec = 30
        Steady           = [bool] $Steady
        Faults           = New-Object -TypeName 'System.Collections.Generic.List[psobject]'
    }
    try {
        $rows = @(& $definition[(Get-KanadePlatform)] -Reading $reading)
    } catch {
        Add-KanadeFault -Reading $reading -Source $Section -Code (Get-KanadeFaultCode -ErrorRecord $_) -Message $_.Exception.Message
        $rows = @($null)
    }
    $type = 'Kanade.Inventory.' + (ConvertTo-KanadePascalCase -Name $Section)
    foreach ($row in $rows) {
        if ($null -ne $row) { $row.PSObject.TypeNames.Insert(0, $type) }
    }
    if ($rows.Count -eq 1 -and $null -eq $rows[0]) { $data = $null }
    elseif ($definition.Key.Count -eq 0) { $data = $rows[0] }
    else { $data = @(Get-KanadeSortedRow -Row $rows -Key $definition.Key) }
    $now = [datetime]::UtcNow.ToLocalTime()
    [pscustomobject] @{
        PSTypeName   = 'Kanade.InventorySection'
        ComputerName = [System.Environment]::MachineName
        Section      = $Section
        CollectedAt  = $now
        CheckedAt    = $now
        Data         = $data
        Faults       = $reading.Faults.ToArray()
        JobId        = $null
        ExecId       = $null
    }
}

# What the agent asks for: one section as one line of JSON in ASCII. Whatever happens, that line is all there is: nothing on
# another stream, and no error.
function Get-KanadeInventoryMessage {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][string] $Section,
        # Seconds, of the whole section.
        [double] $TimeoutSec = 60
    )

    $ProgressPreference = 'SilentlyContinue'
    $message = [pscustomobject] @{ Section = $Section; CollectedAt = [datetime]::UtcNow; Data = $null; Faults = @(); WorkingSet = [long] 0 }
    try {
        if ($Section -in @(Get-KanadeInventoryName)) {
            $read = Read-KanadeInventorySection -Section $Section -TimeoutSec $TimeoutSec -Steady 2>$null 3>$null 4>$null 5>$null 6>$null
            $message.CollectedAt = $read.CollectedAt
            $message.Data = $read.Data
            $message.Faults = $read.Faults
        } else {
            $message.Faults = @([pscustomobject] @{ Source = $Section; Code = 'not_supported'; Message = "This PC has no section '$Section'." })
        }
        $message.WorkingSet = [System.Environment]::WorkingSet
        return ConvertTo-KanadeAsciiJson -Value (ConvertTo-KanadeInventoryValue -Value $message)
    } catch {
        $message.Data = $null
        $message.Faults = @([pscustomobject] @{ Source = $Section; Code = Get-KanadeFaultCode -ErrorRecord $_; Message = $_.Exception.Message })
        return ConvertTo-KanadeAsciiJson -Value (ConvertTo-KanadeInventoryValue -Value $message)
    }
}

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

    # The functions that this calls see them too.
    $ProgressPreference = 'SilentlyContinue'
    $WarningPreference = 'SilentlyContinue'
    $InformationPreference = 'SilentlyContinue'
    try {
        if ($Section -notin @(Get-KanadeInventoryName)) { throw (New-Object -TypeName System.NotSupportedException -ArgumentList "This PC has no section '$Section'.") }
        $read = Read-KanadeInventorySection -Section $Section -TimeoutSec $TimeoutSec
        $message = [ordered] @{
            section      = $Section
            collected_at = ConvertTo-KanadeInventoryValue -Value $read.CollectedAt
            data         = ConvertTo-KanadeInventoryValue -Value $read.Data
            faults       = ConvertTo-KanadeInventoryValue -Value $read.Faults
            working_set  = [System.Environment]::WorkingSet
        }
        return ConvertTo-KanadeAsciiJson -Value $message
    } catch {
        return ConvertTo-KanadeAsciiJson -Value ([ordered] @{
                section      = $Section
                collected_at = ConvertTo-KanadeInventoryValue -Value ([datetime]::UtcNow)
                data         = $null
                faults       = @([ordered] @{ source = $Section; code = Get-KanadeFaultCode -ErrorRecord $_; message = $_.Exception.Message })
                working_set  = [System.Environment]::WorkingSet
            })
    }
}

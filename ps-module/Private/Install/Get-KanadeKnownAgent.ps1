# What the backend says of the PC that these facts are of; an ErrorRecord when it does not, $null when there is none to be asked.
function Get-KanadeKnownAgent {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][System.Collections.IDictionary] $Fact)

    $name = $Fact['ComputerName']
    foreach ($from in 'File', 'Machine', 'Policy') {
        if ($Fact[$from] -and $Fact[$from]['PcId']) { $name = $Fact[$from]['PcId'] }
    }
    try {
        return Invoke-KanadeRestMethod -Path "/agents/$(ConvertTo-KanadePcId -Name $name)" -Once -TimeoutSec 15 -PassError
    } catch {
        # No connection: everything else can be said without.
        return $null
    }
}

# What is wrong with a document, fault by fault; of what could not even be read the one sentence about the whole.
function Get-KanadeFault {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][System.Management.Automation.ErrorRecord] $Record)

    $faults = @($Record.Exception.Data['Faults'] | Where-Object -FilterScript { $null -ne $_ })
    if ($faults.Count -gt 0) { return $faults }
    return [pscustomobject] @{ pointer = ''; message = $Record.Exception.Message; code = $Record.FullyQualifiedErrorId -replace '^Kanade\.', '' }
}

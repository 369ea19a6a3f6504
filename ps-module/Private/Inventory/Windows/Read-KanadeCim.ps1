# The instances of a class as an array, or $null when they could not be read: then a fault of the section says why.
function Read-KanadeCim {
    [CmdletBinding()]
    [OutputType([object[]])]
    param(
        [Parameter(Mandatory = $true)][psobject] $Reading,
        [Parameter(Mandatory = $true)][string] $ClassName,
        [string] $Namespace = 'root/cimv2',
        [Parameter(Mandatory = $true)][string[]] $Property,
        # What older versions of Windows do not have: there it is $null, and a fault says so.
        [string[]] $Optional = @(),
        [string] $Filter,
        # HRESULT -> instance: what an error that says something about the PC is to be taken for.
        [hashtable] $Instead = @{}
    )

    $answers = $Instead
    $query = @{ ClassName = $ClassName; Namespace = $Namespace; Property = $Property + $Optional; Filter = $Filter }
    $instances = Read-KanadeSource -Reading $Reading -Source $ClassName -Read {
        param($TimeoutSec)
        $given = @(Get-KanadeCimInstance @query -TimeoutSec $TimeoutSec)
        $fault = $given | Where-Object -FilterScript { $_ -is [System.Management.Automation.ErrorRecord] } | Select-Object -First 1
        if ($null -eq $fault) { return $given }
        foreach ($number in Get-KanadeHResult -ErrorRecord $fault) {
            if ($answers.ContainsKey($number)) { return $answers[$number] }
        }
        if ($Optional.Count -eq 0 -or -not (Test-KanadeUnknownProperty -ErrorRecord $fault)) { return $fault }
        Add-KanadeFault -Reading $Reading -Source "$ClassName $($Optional -join ', ')" -Code not_supported -Message $fault.Exception.Message
        $query.Property = $Property
        foreach ($instance in Get-KanadeCimInstance @query -TimeoutSec $TimeoutSec) {
            if ($instance -isnot [System.Management.Automation.ErrorRecord]) {
                foreach ($name in $Optional) { $instance.PSObject.Properties.Add((New-Object -TypeName System.Management.Automation.PSNoteProperty -ArgumentList $name, $null)) }
            }
            $instance
        }
    }
    if ($null -eq $instances) { return $null }
    return , $instances
}

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
        [string] $Filter
    )

    $query = @{ ClassName = $ClassName; Namespace = $Namespace; Property = $Property + $Optional; Filter = $Filter }
    $instances = Read-KanadeSource -Reading $Reading -Source $ClassName -Read {
        param($TimeoutSec)
        try {
            Get-KanadeCimInstance @query -TimeoutSec $TimeoutSec
        } catch {
            if ($Optional.Count -eq 0 -or -not (Test-KanadeUnknownProperty -ErrorRecord $_)) { throw }
            Add-KanadeFault -Reading $Reading -Source "$ClassName $($Optional -join ', ')" -Code not_supported -Message $_.Exception.Message
            $query.Property = $Property
            foreach ($instance in Get-KanadeCimInstance @query -TimeoutSec $TimeoutSec) {
                foreach ($name in $Optional) { $instance.PSObject.Properties.Add((New-Object -TypeName System.Management.Automation.PSNoteProperty -ArgumentList $name, $null)) }
                $instance
            }
        }
    }
    if ($null -eq $instances) { return $null }
    return , $instances
}

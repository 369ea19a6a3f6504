# Everything that a section reads is read through this. Gives what was read as an array, which may be empty, or $null when it
# could not be read: then a fault of the section says why.
function Read-KanadeSource {
    [CmdletBinding()]
    [OutputType([object[]])]
    param(
        [Parameter(Mandatory = $true)][psobject] $Reading,
        [Parameter(Mandatory = $true)][string] $Source,
        # Gets the seconds that it may take, and gives an ErrorRecord for what it could not read.
        [Parameter(Mandatory = $true)][scriptblock] $Read
    )

    $left = $Reading.TimeoutSec - $Reading.Clock.Elapsed.TotalSeconds
    if ($left -le 0) {
        Add-KanadeFault -Reading $Reading -Source $Source -Code timed_out -Message "It was not asked: the $($Reading.TimeoutSec) s of the section were over."
        return $null
    }
    try {
        $values = @(& $Read ([Math]::Min($Reading.SourceTimeoutSec, $left)))
    } catch {
        $values = @($_)
    }
    foreach ($value in $values) {
        if ($value -isnot [System.Management.Automation.ErrorRecord]) { continue }
        Add-KanadeFault -Reading $Reading -Source $Source -Code (Get-KanadeFaultCode -ErrorRecord $value) -Message $value.Exception.Message
        return $null
    }
    return , $values
}

# Text that knows where it comes from, as what Invoke-Command gives does.
function ConvertTo-KanadeLine {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true, ValueFromPipeline = $true)][AllowEmptyString()][string] $Text,
        [Parameter(Mandatory = $true)][string] $Stream,
        [Parameter(Mandatory = $true)][string] $PcId,
        [Parameter(Mandatory = $true)][string] $ExecId
    )

    process {
        $line = [psobject]::AsPSObject($Text.TrimEnd("`r"))
        # Add-Member would take most of the time of a long output.
        $properties = $line.PSObject.Properties
        $properties.Add([System.Management.Automation.PSNoteProperty]::new('Stream', $Stream))
        $properties.Add([System.Management.Automation.PSNoteProperty]::new('PSComputerName', $PcId))
        $properties.Add([System.Management.Automation.PSNoteProperty]::new('ExecId', $ExecId))
        $line
    }
}

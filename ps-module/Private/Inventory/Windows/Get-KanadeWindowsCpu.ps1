# By named properties only: for LoadPercentage alone Windows would watch each processor for a second or more.
function Get-KanadeWindowsCpu {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $processors = Read-KanadeCim -Reading $Reading -ClassName Win32_Processor -Property DeviceID, Name, Manufacturer, NumberOfCores, NumberOfLogicalProcessors, MaxClockSpeed, Architecture
    if ($null -eq $processors) { return $null }
    foreach ($processor in $processors) {
        $architecture = $null
        if ($null -ne $processor.Architecture) { $architecture = @{ 0 = 'x86'; 5 = 'arm'; 9 = 'x64'; 12 = 'arm64' }[[int] $processor.Architecture] }
        [pscustomobject] @{
            DeviceId          = $processor.DeviceID
            Name              = ConvertTo-KanadeText -Value $processor.Name
            Manufacturer      = ConvertTo-KanadeText -Value $processor.Manufacturer
            Cores             = $processor.NumberOfCores
            LogicalProcessors = $processor.NumberOfLogicalProcessors
            MaxMhz            = $processor.MaxClockSpeed
            Architecture      = $architecture
        }
    }
}

# An error as every command of the module reports it: its id is part of the interface and never changes.
function Get-KanadeErrorRecord {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param(
        # Without 'Kanade.' before it.
        [Parameter(Mandatory = $true)][string] $Code,
        [Parameter(Mandatory = $true)][string] $Message,
        [System.Management.Automation.ErrorCategory] $Category = 'NotSpecified',
        [object] $TargetObject,
        [System.Exception] $InnerException
    )

    $exception = New-Object -TypeName System.InvalidOperationException -ArgumentList (Format-KanadeCell -Value $Message), $InnerException
    New-Object -TypeName System.Management.Automation.ErrorRecord -ArgumentList $exception, "Kanade.$Code", $Category, $TargetObject
}

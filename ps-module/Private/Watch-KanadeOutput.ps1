# The lines that one PC writes, as they come, until its script has ended.
function Watch-KanadeOutput {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][string] $ExecId,
        [Parameter(Mandatory = $true)][string] $PcId,
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet
    )

    $ended = $false
    try {
        $resultId = Wait-KanadeStart -ExecId $ExecId -PcId $PcId -Cmdlet $Cmdlet
        if ($resultId) {
            Invoke-KanadeRestMethod -Path ('/results/' + [uri]::EscapeDataString($resultId) + '/tail') -AsEvent | ConvertFrom-KanadeTail -ResultId $resultId -PcId $PcId -ExecId $ExecId
        }
        $ended = $true
    } finally {
        if (-not $ended) { Write-KanadeDetached -Message "Nobody watches any more, and the script goes on: Receive-KanadeExec -ExecId $ExecId -ComputerName $PcId -Follow shows it again." }
    }
}

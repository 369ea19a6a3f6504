# The HRESULTs that an error carries, unsigned, the most telling first: CIM has them in texts that are not translated.
function Get-KanadeHResult {
    [CmdletBinding()]
    [OutputType([long])]
    param([Parameter(Mandatory = $true)][System.Management.Automation.ErrorRecord] $ErrorRecord)

    for ($exception = $ErrorRecord.Exception; $null -ne $exception; $exception = $exception.InnerException) {
        $messageId = $exception.PSObject.Properties['MessageId']
        if ($null -ne $messageId -and "$($messageId.Value)" -match '^HRESULT 0x([0-9a-f]{1,8})\b') { [Convert]::ToInt64($Matches[1], 16) }
        [long] $exception.HResult -band 0xffffffffL
    }
    if ($ErrorRecord.FullyQualifiedErrorId -match '^HRESULT 0x([0-9a-f]{1,8})\b') { [Convert]::ToInt64($Matches[1], 16) }
}

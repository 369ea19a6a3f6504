# What a method gave, or $null when it failed or said that it did: then a fault of the section says why.
function Read-KanadeCimMethod {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][psobject] $Reading,
        [Parameter(Mandatory = $true)][string] $ClassName,
        [string] $Namespace = 'root/cimv2',
        [Parameter(Mandatory = $true)][string] $Filter,
        [Parameter(Mandatory = $true)][string] $MethodName,
        [System.Collections.IDictionary] $Arguments = @{}
    )

    $call = @{ ClassName = $ClassName; Namespace = $Namespace; Filter = $Filter; MethodName = $MethodName; Arguments = $Arguments }
    $results = Read-KanadeSource -Reading $Reading -Source "$ClassName.$MethodName" -Read {
        param($TimeoutSec)
        Invoke-KanadeCimMethod @call -TimeoutSec $TimeoutSec
    }
    # None: what was asked of has gone meanwhile.
    if ($null -eq $results -or $results.Count -eq 0) { return $null }
    if ($results[0].ReturnValue -eq 0) { return $results[0] }
    # 2 is what Win32 classes call access denied; others are HRESULTs.
    $code = 'failed'
    if ($results[0].ReturnValue -in 2, 5, 0x80070005L, 0x80041003L) { $code = 'access_denied' }
    Add-KanadeFault -Reading $Reading -Source "$ClassName.$MethodName" -Code $code -Message ('It returned 0x{0:x}.' -f [long] $results[0].ReturnValue)
    return $null
}

# What of a command's parameters is for New-PSSession.
function Get-KanadeRemoting {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory = $true)][System.Collections.IDictionary] $Bound)

    $remoting = @{}
    foreach ($name in 'Credential', 'UseSSL', 'Port', 'SessionOption') {
        if ($Bound.ContainsKey($name)) { $remoting[$name] = $Bound[$name] }
    }
    return $remoting
}

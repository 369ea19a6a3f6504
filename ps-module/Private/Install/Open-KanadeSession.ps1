# Sessions to these PCs, as many at once. Each PC with its Session, or with why there is none in Failure.
function Open-KanadeSession {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][string[]] $ComputerName,
        # For New-PSSession.
        [Parameter(Mandatory = $true)][hashtable] $Remoting
    )

    $opened = @(New-PSSession -ComputerName $ComputerName -ThrottleLimit $ComputerName.Count @Remoting -ErrorAction SilentlyContinue -ErrorVariable failures)
    foreach ($name in $ComputerName) {
        $session = @($opened | Where-Object -FilterScript { $_.ComputerName -eq $name })[0]
        $said = $null
        if ($null -eq $session) {
            # Each begins with the name of its PC.
            $said = @($failures | Where-Object -FilterScript { "$_".StartsWith("[$name]", [System.StringComparison]::OrdinalIgnoreCase) })[0]
            $said = if ($null -eq $said) { 'PowerShell remoting did not get there.' } else { "$said".Substring($name.Length + 2).Trim() }
        }
        [pscustomobject] @{ Name = $name; Session = $session; Failure = $said }
    }
}

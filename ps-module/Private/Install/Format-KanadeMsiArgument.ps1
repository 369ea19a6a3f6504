# The command line of msiexec, whose rules for quotes are its own: within quotes a quote is doubled, and a backslash means itself.
function Format-KanadeMsiArgument {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][string] $Action,
        [Parameter(Mandatory = $true)][string] $Package,
        [Parameter(Mandatory = $true)][hashtable] $Property,
        [Parameter(Mandatory = $true)][string] $LogPath
    )

    $switch = @{ Install = '/i'; Uninstall = '/x'; Repair = '/fa' }[$Action]
    # Neither r nor v: with them the log has what goes into the registry, the enrolment token too, which MsiHiddenProperties does not hide.
    $parts = @($switch, "`"$Package`"", '/qn', '/norestart', '/liweaucmo', "`"$LogPath`"")
    foreach ($name in $Property.Keys | Sort-Object) {
        $value = [string] $Property[$name]
        if ($value -match '[\x00-\x1f]') {
            throw (Get-KanadeErrorRecord -Code 'argument_not_supported' -Category InvalidArgument -TargetObject $name -Message "What is to be $name holds a control character, which msiexec does not take.")
        }
        $quoted = $value.Replace('"', '""')
        $parts += "$($name.ToUpperInvariant())=`"$quoted`""
    }
    return $parts -join ' '
}

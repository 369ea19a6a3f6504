# The jobs or schedules of the backend with all they say, or the text of each: all of them, or those with these ids. What is not
# there has been said.
function Get-KanadeKept {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][ValidateSet('job', 'schedule')][string] $Kind,
        # Default: all.
        [AllowNull()][string[]] $Id,
        [switch] $AsYaml
    )

    $ids = $Id
    if ($null -eq $ids) {
        $call = @{ Path = "/${Kind}s"; Query = @{ documents = "$(-not $AsYaml)".ToLowerInvariant() }; All = $true }
        $listed = Invoke-KanadeTargetCall -Cmdlet $Cmdlet -TargetObject "${Kind}s" -Call $call
        if (-not $AsYaml) { return $listed.Value }
        $ids = @($listed.Value | ForEach-Object -Process { $_.id })
    }
    foreach ($one in $ids) {
        $call = @{ Path = "/${Kind}s/$([uri]::EscapeDataString($one))"; AsText = $true; Accept = 'application/yaml' }
        if (-not $AsYaml) { $call = @{ Path = "/${Kind}s"; Query = @{ id = $one; documents = 'true' }; All = $true } }
        $missing = "There is no $Kind '$one'."
        $found = Invoke-KanadeTargetCall -Cmdlet $Cmdlet -TargetObject $one -Missing $missing -Call $call
        if (-not $found.Ok) { continue }
        if ($null -ne $found.Value) { $found.Value }
        else { $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'not_found' -Category ObjectNotFound -TargetObject $one -Message $missing)) }
    }
}

# The jobs or schedules of the backend with all they say, or the text of each: all of them, or those with these ids, in which
# there may be wildcards. What is not there has been said; of a wildcard nothing may be.
function Get-KanadeStoredDocument {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][ValidateSet('job', 'schedule')][string] $Kind,
        # Default: all.
        [AllowNull()][string[]] $Id,
        [switch] $AsYaml
    )

    $patterns = @(@($Id) | Where-Object -FilterScript { $_ -and [System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters($_) })
    $ids = @(@($Id) | Where-Object -FilterScript { $null -ne $_ -and $_ -notin $patterns })
    if ($null -eq $Id) { $patterns = @('*') }
    if ($patterns.Count -gt 0) {
        $call = @{ Path = "/${Kind}s"; Query = @{ documents = "$(-not $AsYaml)".ToLowerInvariant() }; All = $true }
        $listed = Invoke-KanadeTargetCall -Cmdlet $Cmdlet -TargetObject "${Kind}s" -Call $call
        $found = @($listed.Value | Where-Object -FilterScript {
                $kept = $_
                $null -ne $kept -and @($patterns | Where-Object -FilterScript { $kept.id -like $_ }).Count -gt 0
            })
        if ($AsYaml) { $ids += @($found | ForEach-Object -Process { $_.id }) } else { $found }
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

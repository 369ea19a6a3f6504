# Whether a $using: lies in a block that a command on the PC takes elsewhere itself: then it means a variable there.
function Test-KanadeUsingIsRemote {
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.Language.Ast] $Ast,
        [Parameter(Mandatory = $true)][System.Management.Automation.Language.Ast] $Root
    )

    for ($at = $Ast; $null -ne $at -and $at -ne $Root; $at = $at.Parent) {
        if ($at -isnot [System.Management.Automation.Language.ScriptBlockExpressionAst]) { continue }
        $command = $at.Parent
        if ($command -isnot [System.Management.Automation.Language.CommandAst]) { continue }
        $name = $command.GetCommandName()
        if ($name -in 'Invoke-Command', 'icm', 'Start-Job', 'sajb', 'Start-ThreadJob') { return $true }
        $parallel = @($command.CommandElements | Where-Object -FilterScript {
                $_ -is [System.Management.Automation.Language.CommandParameterAst] -and 'Parallel'.StartsWith($_.ParameterName, [System.StringComparison]::OrdinalIgnoreCase) -and $_.ParameterName.Length -gt 2
            })
        if ($name -in 'ForEach-Object', 'foreach', '%' -and $parallel.Count -gt 0) { return $true }
    }
    return $false
}

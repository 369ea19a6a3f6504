# What a command promises to whoever writes scripts with it: each parameter with its position, its other names and what of the pipeline
# it takes, such as 'ComputerName@0(DNSHostName,Name)<value,name'. Dot-source it.
function Get-Promise([System.Management.Automation.FunctionInfo] $Command) {
    $common = [System.Management.Automation.PSCmdlet]::CommonParameters + [System.Management.Automation.PSCmdlet]::OptionalCommonParameters
    $told = [string[]] @(foreach ($parameter in $Command.Parameters.Values | Where-Object -FilterScript { $_.Name -notin $common }) {
            $sets = $parameter.ParameterSets.Values
            # In some set it has none.
            $positions = @($sets.Position | Where-Object -FilterScript { $_ -ge 0 } | Sort-Object -Unique)
            $aliases = [string[]] $parameter.Aliases
            [array]::Sort($aliases, [System.StringComparer]::Ordinal)
            $taken = @(if ($sets.ValueFromPipeline -contains $true) { 'value' }; if ($sets.ValueFromPipelineByPropertyName -contains $true) { 'name' })
            $text = $parameter.Name
            if ($positions.Count -gt 0) { $text += '@' + ($positions -join ',') }
            if ($aliases.Count -gt 0) { $text += '(' + ($aliases -join ',') + ')' }
            if ($taken.Count -gt 0) { $text += '<' + ($taken -join ',') }
            $text
        })
    # In the same order under every PowerShell.
    [array]::Sort($told, [System.StringComparer]::Ordinal)
    $told -join ' '
}

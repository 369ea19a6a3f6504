# What the parameters of Invoke-KanadeExec say, and of Update-KanadeAgent, as the body of POST /executions without its target, and
# without what is run when that is no script.
function ConvertTo-KanadeExecRequest {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Bound,
        # Of whoever has called the command: there $using: looks.
        [Parameter(Mandatory = $true)][System.Management.Automation.SessionState] $SessionState
    )

    $request = @{}
    $parameters = [ordered] @{}
    if ($Bound.ContainsKey('FilePath')) {
        $path = Resolve-KanadeFile -Path $Bound.FilePath -SessionState $SessionState
        $request.script = Read-KanadeTextFile -LiteralPath $path
        $shells = @{ '.cmd' = 'cmd'; '.bat' = 'cmd'; '.sh' = 'sh' }
        $request.shell = $shells[[System.IO.Path]::GetExtension($path)]
    } elseif ($Bound.ContainsKey('ScriptBlock')) {
        $script = Get-KanadeScriptText -ScriptBlock $Bound.ScriptBlock -SessionState $SessionState
        $request.script = $script.Text
        foreach ($name in $script.Values.Keys) { $parameters[$name] = $script.Values[$name] }
    }
    if ($Bound.ContainsKey('Shell')) { $request.shell = $Bound.Shell }
    elseif ($request.ContainsKey('script') -and -not $request['shell']) { $request.shell = 'powershell' }
    if ($Bound.ContainsKey('Parameter')) {
        foreach ($name in $Bound.Parameter.Keys) { $parameters["$name"] = ConvertTo-KanadeJsonValue -Value $Bound.Parameter[$name] -Name "-Parameter $name" }
    }
    if ($parameters.Count -gt 0) { $request.params = $parameters }
    if ($Bound.ContainsKey('ArgumentList') -and $null -ne $Bound.ArgumentList) {
        $request.args = ConvertTo-KanadeJsonValue -Value $Bound.ArgumentList -Name '-ArgumentList'
    }
    if ($Bound.ContainsKey('RunAs')) { $request.run_as = $Bound.RunAs }
    if ($Bound.ContainsKey('Sessions')) { $request.sessions = $Bound.Sessions }
    if ($Bound.ContainsKey('Timeout')) { $request.timeout = ConvertTo-KanadeDuration -Value $Bound.Timeout -Name 'Timeout' }
    if ($Bound.ContainsKey('ExpiresIn')) { $request.expires_in = ConvertTo-KanadeDuration -Value $Bound.ExpiresIn -Name 'ExpiresIn' }
    if ($Bound.ContainsKey('Jitter')) { $request.jitter = ConvertTo-KanadeDuration -Value $Bound.Jitter -Name 'Jitter' }
    if ($Bound.ContainsKey('SuccessExitCode')) {
        # Windows shows a code such as -1073741510 signed, and the API has it unsigned.
        $request.success_exit_codes = @($Bound.SuccessExitCode | ForEach-Object -Process { if ($_ -lt 0) { $_ + 4294967296 } else { $_ } })
    }
    if ($Bound.ContainsKey('Environment')) {
        $request.env = @{}
        foreach ($name in $Bound.Environment.Keys) { $request.env["$name"] = [string] $Bound.Environment[$name] }
    }
    if ($Bound.ContainsKey('Wave')) {
        $request.rollout = @{ waves = @($Bound.Wave | ForEach-Object -Process { ConvertTo-KanadeWave -Value $_ }) }
        if ($Bound.ContainsKey('MaxFailurePercent')) { $request.rollout.max_failure_percent = $Bound.MaxFailurePercent }
        if ($Bound.ContainsKey('Soak')) { $request.rollout.soak = ConvertTo-KanadeDuration -Value $Bound.Soak -Name 'Soak' }
    } elseif ($Bound.ContainsKey('MaxFailurePercent') -or $Bound.ContainsKey('Soak')) {
        throw (Get-KanadeErrorRecord -Code 'wave_missing' -Category InvalidArgument -TargetObject $Bound -Message '-MaxFailurePercent and -Soak are of waves: say -Wave as well.')
    }
    return $request
}

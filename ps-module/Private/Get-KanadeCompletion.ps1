# What may stand at a parameter, given what of it is typed. Nothing when the backend does not answer at once: whoever types
# does not wait, and wants no error either.
function Get-KanadeCompletion {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.CompletionResult])]
    param(
        [Parameter(Mandatory = $true)][string] $Parameter,
        [AllowEmptyString()][string] $Word
    )

    $typed = $Word.Trim("'", '"')
    try {
        if ($Parameter -eq 'Name') {
            $found = Get-KanadeContext -ListAvailable -WarningAction Ignore | ForEach-Object -Process { [pscustomobject] @{ Text = $_.Name; Tip = "$($_.Server)" } }
        } else {
            # To ask without a connection would leave an error behind.
            if ($null -eq $script:KanadeContext -and -not ($env:KANADE_SERVER -and $env:KANADE_TOKEN)) { return }
            $server = (Get-KanadeConnection).Server
            $key = "$server $Parameter"
            # A fleet is too long to list: the backend looks for what was typed.
            if ($Parameter -eq 'ComputerName') { $key += " $typed" }
            $kept = $script:KanadeCompletions[$key]
            if ($null -eq $kept -or $kept.Age.Elapsed.TotalSeconds -ge 10) {
                # Those of other words are no longer wanted.
                foreach ($old in @($script:KanadeCompletions.Keys)) {
                    if ($script:KanadeCompletions[$old].Age.Elapsed.TotalSeconds -ge 10) { $script:KanadeCompletions.Remove($old) }
                }
                $kept = @{ Age = [System.Diagnostics.Stopwatch]::StartNew(); Found = @(Find-KanadeCompletion -Parameter $Parameter -Typed $typed) }
                $script:KanadeCompletions[$key] = $kept
            }
            $found = $kept.Found
        }
        foreach ($one in $found) {
            # Of a key nobody knows the beginning: it has a name beside it.
            $names = @($one.PSObject.Properties | Where-Object -FilterScript { $_.Name -in 'Text', 'Also' })
            if (-not ($names | Where-Object -FilterScript { "$($_.Value)".StartsWith($typed, [System.StringComparison]::OrdinalIgnoreCase) })) { continue }
            $tip = $one.Tip
            if (-not $tip) { $tip = $one.Text }
            New-Object -TypeName System.Management.Automation.CompletionResult -ArgumentList $one.Text, $one.Text, 'ParameterValue', $tip
        }
    } catch {
        Write-Debug -Message "Nothing can be proposed: $_"
    }
}

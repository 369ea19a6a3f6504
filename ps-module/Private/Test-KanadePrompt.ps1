# Whether there is somebody to ask: in a scheduled task or a service a prompt would wait for ever.
function Test-KanadePrompt {
    [CmdletBinding()]
    [OutputType([bool])]
    param()

    if (-not [System.Environment]::UserInteractive) { return $false }
    if ($Host.Name -ne 'ConsoleHost') { return $true }
    if ([System.Console]::IsInputRedirected) { return $false }
    # -NonInteractive, as far as it is written out.
    return @([System.Environment]::GetCommandLineArgs() | Where-Object -FilterScript { $_ -match '^[-/]noni' }).Count -eq 0
}

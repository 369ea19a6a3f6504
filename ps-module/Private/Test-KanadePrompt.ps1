# Whether there is somebody to ask: in a scheduled task or a service a prompt would wait for ever.
function Test-KanadePrompt {
    [CmdletBinding()]
    [OutputType([bool])]
    param()

    if (-not [System.Environment]::UserInteractive) { return $false }
    return $Host.Name -ne 'ConsoleHost' -or -not [System.Console]::IsInputRedirected
}

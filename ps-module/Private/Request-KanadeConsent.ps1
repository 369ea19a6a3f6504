# Asks the person at the prompt; $null when there is none.
function Request-KanadeConsent {
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][string] $Question
    )

    # A scheduled task or a service, where a prompt would wait for ever.
    if (-not [System.Environment]::UserInteractive) { return $null }
    if ($Host.Name -eq 'ConsoleHost' -and [System.Console]::IsInputRedirected) { return $null }
    try {
        return $Cmdlet.ShouldContinue($Question, 'Confirm')
    } catch [System.Management.Automation.PipelineStoppedException] {
        throw
    } catch {
        # -NonInteractive, or a host without a prompt.
        Write-Debug -Message "The host does not ask: $_"
        return $null
    }
}

# Asks the person at the prompt; $null when there is none.
function Request-KanadeConsent {
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][string] $Question
    )

    if (-not (Test-KanadePrompt)) { return $null }
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

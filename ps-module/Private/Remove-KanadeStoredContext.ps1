# Forgets a stored context, and its token first: without its file nobody would look for that any more.
function Remove-KanadeStoredContext {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'Disconnect-Kanade asks.')]
    [CmdletBinding()]
    [OutputType([void])]
    param([Parameter(Mandatory = $true)][psobject] $Stored)

    try {
        if ($Stored.Store -eq 'SecretManagement') { Remove-Secret -Name "Kanade.$($Stored.Name)" -Vault $Stored.Vault -ErrorAction Stop }
        Remove-Item -LiteralPath $Stored.Path -ErrorAction Stop
    } catch {
        throw (Get-KanadeErrorRecord -Code 'context_not_removed' -Category WriteError -TargetObject $Stored.Name -InnerException $_.Exception -Message "The context $($Stored.Name) cannot be forgotten: $($_.Exception.Message)")
    }
}

# Says an error about one target, and the next target follows; an error that every target would meet ends the command.
function Write-KanadeError {
    [CmdletBinding()]
    [OutputType([void])]
    param(
        # Whose error it is.
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        # What the backend has answered.
        [Parameter(Mandatory = $true)][System.Management.Automation.ErrorRecord] $Record,
        [AllowNull()][object] $TargetObject,
        # What to say when the target is not there, or could not be with such a name.
        [string] $Missing
    )

    $code = $Record.FullyQualifiedErrorId -replace '^Kanade\.', ''
    # Codes first: one says more than its status.
    $ofTarget = $code -in 'identity_revoked', 'revocation_pending' -or $Record.Exception.Data['Status'] -in 400, 404, 409, 412, 413, 422
    if (-not $ofTarget -or $code -eq 'open_mode') { $Cmdlet.ThrowTerminatingError($Record) }
    if ($Missing -and $code -in 'not_found', 'invalid_id') {
        $said = Get-KanadeErrorRecord -Code 'not_found' -Category ObjectNotFound -TargetObject $TargetObject -Message $Missing
    } else {
        $said = Get-KanadeErrorRecord -Code $code -Category $Record.CategoryInfo.Category -TargetObject $TargetObject -Message "${TargetObject}: $($Record.Exception.Message)"
        foreach ($key in $Record.Exception.Data.Keys) { $said.Exception.Data[$key] = $Record.Exception.Data[$key] }
    }
    $Cmdlet.WriteError($said)
}

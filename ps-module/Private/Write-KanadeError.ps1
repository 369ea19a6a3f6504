# Says an error about one target, and the next target follows; an error that every target would meet ends the command. So does the
# 404 of something that is no backend: it says nothing of the target.
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
        [string] $Missing,
        # What else is of this target alone, whatever its status.
        [string[]] $Code = @()
    )

    $said = ($Record.FullyQualifiedErrorId -replace '^Kanade\.').Split(',')[0]
    # Codes first: one says more than its status.
    $ofTarget = $said -in $Code -or $said -in 'identity_revoked', 'revocation_pending' -or $Record.Exception.Data['Status'] -in 400, 404, 409, 412, 413, 422
    if (-not $ofTarget -or $said -eq 'open_mode') { $Cmdlet.ThrowTerminatingError($Record) }
    if ($Missing -and $said -in 'not_found', 'invalid_id') {
        $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'not_found' -Category ObjectNotFound -TargetObject $TargetObject -Message $Missing))
        return
    }
    $message = $Record.Exception.Message
    # Most name it already.
    if ($message -notmatch "(?<![\w-])$([regex]::Escape("$TargetObject"))(?![\w-])") { $message = "${TargetObject}: $message" }
    $made = Get-KanadeErrorRecord -Code $said -Category $Record.CategoryInfo.Category -TargetObject $TargetObject -Message $message
    foreach ($key in $Record.Exception.Data.Keys) { $made.Exception.Data[$key] = $Record.Exception.Data[$key] }
    $Cmdlet.WriteError($made)
}

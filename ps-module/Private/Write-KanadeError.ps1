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

    if ($Record.Exception.Data['Status'] -notin 400, 404, 409, 412, 413, 422) { $Cmdlet.ThrowTerminatingError($Record) }
    $code = $Record.FullyQualifiedErrorId -replace '^Kanade\.', ''
    if ($Missing -and $code -in 'not_found', 'invalid_id') {
        $said = Get-KanadeErrorRecord -Code 'not_found' -Category ObjectNotFound -TargetObject $TargetObject -Message $Missing
    } else {
        $said = Get-KanadeErrorRecord -Code $code -Category $Record.CategoryInfo.Category -TargetObject $TargetObject -Message "${TargetObject}: $($Record.Exception.Message)"
        foreach ($key in $Record.Exception.Data.Keys) { $said.Exception.Data[$key] = $Record.Exception.Data[$key] }
    }
    $Cmdlet.WriteError($said)
}

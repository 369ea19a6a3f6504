# The checked documents of a command that stores them. Those that cannot be read, have faults, or were changed by somebody else
# since they were got are said and left out.
function Get-KanadeDocument {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][ValidateSet('job', 'schedule')][string] $Kind,
        # For Resolve-KanadeDocument.
        [Parameter(Mandatory = $true)][hashtable] $From,
        [string] $ScriptRoot
    )

    foreach ($document in Resolve-KanadeDocument -Kind $Kind @From) {
        if ($document -is [System.Management.Automation.ErrorRecord]) {
            $Cmdlet.WriteError($document)
            continue
        }
        try {
            $check = Get-KanadeDocumentCheck -Kind $Kind -Document $document -ScriptRoot $ScriptRoot
        } catch {
            $Cmdlet.ThrowTerminatingError($_)
        }
        if (-not (Test-KanadeFailureIsOfDocument -Check $check)) { $Cmdlet.ThrowTerminatingError($check.Failure) }
        if ($null -ne $check.Failure) {
            $Cmdlet.WriteError((Get-KanadeDocumentError -Document $document -Record $check.Failure))
            continue
        }
        if ($document.ETag -and $document.ETag -ne $check.Answer.etag) {
            $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'precondition_failed' -Category ResourceBusy -TargetObject $check.Answer.id -Message "The $Kind $($check.Answer.id) was changed by somebody since you got it: get it again."))
            continue
        }
        $check
    }
}

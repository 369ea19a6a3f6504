# Each document with what the backend says of it. One that cannot be read is said and left out; a failure that every document
# would meet ends the command.
function Get-KanadeCheckedDocument {
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
        $check
    }
}

# The checked documents of a command that stores them. Those that have faults, or were changed by somebody else since they were
# got, are said and left out as well.
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

    # One by one: what ends the command at a later document takes nothing back that was said of an earlier one.
    Get-KanadeCheckedDocument @PSBoundParameters | ForEach-Object -Process {
        $document = $_.Document
        if ($null -ne $_.Failure) {
            $Cmdlet.WriteError((Get-KanadeDocumentError -Document $document -Record $_.Failure))
        } elseif ($document.ETag -and $document.ETag -ne $_.Answer.etag) {
            $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'precondition_failed' -Category ResourceBusy -TargetObject $_.Answer.id -Message "The $Kind $($_.Answer.id) was changed by somebody since you got it: get it again."))
        } else {
            $_
        }
    }
}

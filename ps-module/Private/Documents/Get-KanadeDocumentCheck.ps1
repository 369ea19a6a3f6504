# What the backend says of a document: Answer when it is without faults, else Failure. Of a job whose script lies in a file of
# its own the document has the script in it from then on.
function Get-KanadeDocumentCheck {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][ValidateSet('job', 'schedule')][string] $Kind,
        # As Resolve-KanadeDocument gives it.
        [Parameter(Mandatory = $true)][psobject] $Document,
        [string] $ScriptRoot
    )

    $call = @{ Method = 'POST'; Path = "/${Kind}s/check"; ContentType = $Document.ContentType; Safe = $true; PassError = $true }
    $answer = Invoke-KanadeRestMethod @call -Text $Document.Text
    if ($answer -is [System.Management.Automation.ErrorRecord] -and $answer.FullyQualifiedErrorId -like 'Kanade.script_file_not_inlined*') {
        $fault = @($answer.Exception.Data['Faults'])[0]
        $script = Read-KanadeFileOfJob -Document $Document -Name $fault.value -ScriptRoot $ScriptRoot
        if ($script -is [System.Management.Automation.ErrorRecord]) {
            $script.Exception.Data['Faults'] = @([pscustomobject] @{ pointer = $fault.pointer; message = $script.Exception.Message; code = $script.FullyQualifiedErrorId -replace '^Kanade\.', '' })
            # As if the backend had looked for it.
            $script.Exception.Data['Status'] = 422
            $answer = $script
        } else {
            $answer = Invoke-KanadeRestMethod -Method POST -Path '/jobs/inline' -Body @{ document = $Document.Text; type = $Document.ContentType; script = $script } -Safe -PassError
            if ($answer -isnot [System.Management.Automation.ErrorRecord]) {
                $Document.Text = $answer.document
                $answer = Invoke-KanadeRestMethod @call -Text $Document.Text
            }
        }
    }
    $failed = $answer -is [System.Management.Automation.ErrorRecord]
    return [pscustomobject] @{
        Document = $Document
        Answer   = $(if (-not $failed) { $answer })
        Failure  = $(if ($failed) { $answer })
    }
}

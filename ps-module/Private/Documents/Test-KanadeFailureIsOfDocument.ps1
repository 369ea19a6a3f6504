# Whether what Get-KanadeDocumentCheck says is about the document: it is valid, or it is refused for what it says. Anything else
# would hit the next document too.
function Test-KanadeFailureIsOfDocument {
    [CmdletBinding()]
    [OutputType([bool])]
    param([Parameter(Mandatory = $true)][psobject] $Check)

    return $null -eq $Check.Failure -or $Check.Failure.Exception.Data['Status'] -in 400, 413, 422
}

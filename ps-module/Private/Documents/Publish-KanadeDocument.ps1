# Stores a document that was checked, unless somebody has changed what it would replace. True when it is stored; what went
# wrong has been said.
function Publish-KanadeDocument {
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][ValidateSet('job', 'schedule')][string] $Kind,
        # As Get-KanadeDocument gives it.
        [Parameter(Mandatory = $true)][psobject] $Check
    )

    $document = $Check.Document
    $condition = @{ 'If-None-Match' = '*' }
    if ($Check.Answer.exists) { $condition = @{ 'If-Match' = $Check.Answer.etag } }
    $answer = Invoke-KanadeRestMethod -Method PUT -Path "/${Kind}s/$($Check.Answer.id)" -Text $document.Text -ContentType $document.ContentType -Header $condition -PassError
    if ($answer -isnot [System.Management.Automation.ErrorRecord]) { return $true }
    if ($answer.Exception.Data['Status'] -in 400, 413, 422) {
        $Cmdlet.WriteError((Get-KanadeDocumentError -Document $document -Record $answer))
    } else {
        Write-KanadeError -Cmdlet $Cmdlet -Record $answer -TargetObject $Check.Answer.id
    }
    return $false
}

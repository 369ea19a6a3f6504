# What Get-KanadeDocumentCheck gives, as admins see it.
function ConvertTo-KanadeDocumentCheck {
    [CmdletBinding()]
    [OutputType('Kanade.DocumentCheck')]
    param([Parameter(Mandatory = $true)][psobject] $Check)

    $answer = $Check.Answer
    $failure = $Check.Failure
    $faults = @()
    if ($null -ne $failure) {
        $faults = @(foreach ($fault in Get-KanadeFault -Record $failure) {
                [pscustomobject] @{ PSTypeName = 'Kanade.DocumentFault'; Pointer = $fault.pointer; Message = $fault.message; Code = $fault.code }
            })
    }
    $known = @{ id = $null; exists = $null; changed = $null }
    $differences = @()
    if ($null -ne $answer) {
        foreach ($name in @($known.Keys)) { $known[$name] = $answer.$name }
        $differences = @(foreach ($one in $answer.differences) { [pscustomobject] @{ PSTypeName = 'Kanade.DocumentDifference'; Pointer = $one.pointer; Before = $one.before; After = $one.after } })
    }
    [pscustomobject] @{
        PSTypeName  = 'Kanade.DocumentCheck'
        Path        = $Check.Document.Path
        # Which of its file, when that holds several.
        Document    = $Check.Document.Document
        Id          = $known.id
        Valid       = $null -ne $answer
        Exists      = $known.exists
        Changed     = $known.changed
        Differences = $differences
        Faults      = $faults
    }
}

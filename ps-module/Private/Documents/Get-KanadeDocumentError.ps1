# The error of a document that has faults: names it, and each fault with its place.
function Get-KanadeDocumentError {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory = $true)][psobject] $Document,
        [Parameter(Mandatory = $true)][System.Management.Automation.ErrorRecord] $Record
    )

    $told = foreach ($fault in Get-KanadeFault -Record $Record) { (@($fault.pointer, $fault.message) | Where-Object -FilterScript { $_ }) -join ' ' }
    $target = $Document.Path
    if (-not $target) { $target = $Document.Label }
    $made = Get-KanadeErrorRecord -Code ($Record.FullyQualifiedErrorId -replace '^Kanade\.', '') -Category InvalidData -TargetObject $target -Message "$($Document.Label): $(@($told) -join '; ')"
    foreach ($key in $Record.Exception.Data.Keys) { $made.Exception.Data[$key] = $Record.Exception.Data[$key] }
    return $made
}

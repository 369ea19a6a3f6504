# The error of one PC in an answer of the backend; an answer that any other PC would get as well is thrown.
function Get-KanadePcError {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory = $true)][string] $Pc,
        [Parameter(Mandatory = $true)][System.Management.Automation.ErrorRecord] $Answer
    )

    switch -Wildcard ($Answer.FullyQualifiedErrorId) {
        'Kanade.not_found*' { return Get-KanadeErrorRecord -Code 'not_found' -Category ObjectNotFound -TargetObject $Pc -Message "No PC named $Pc is enrolled." }
        'Kanade.agent_unreachable*' { return Get-KanadeErrorRecord -Code 'agent_unreachable' -Category OperationTimeout -TargetObject $Pc -Message "${Pc}: $($Answer.Exception.Message)" }
    }
    throw $Answer
}

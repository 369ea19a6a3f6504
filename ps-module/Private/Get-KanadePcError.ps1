# The error of one PC in an answer of the backend; an answer that any other PC would get as well is thrown.
function Get-KanadePcError {
    [CmdletBinding()]
    [OutputType([System.Management.Automation.ErrorRecord])]
    param(
        [Parameter(Mandatory = $true)][string] $Pc,
        [Parameter(Mandatory = $true)][System.Management.Automation.ErrorRecord] $Answer,
        # What else than not_found is of the PC alone.
        [string[]] $Code = @()
    )

    $said = ($Answer.FullyQualifiedErrorId -replace '^Kanade\.').Split(',')[0]
    if ($said -eq 'not_found') {
        return Get-KanadeErrorRecord -Code $said -Category ObjectNotFound -TargetObject $Pc -Message "No PC named $Pc is enrolled."
    }
    if ($said -in $Code) {
        $message = $Answer.Exception.Message
        # Most name it already.
        if ($message -notmatch "(?<![\w-])$Pc(?![\w-])") { $message = "${Pc}: $message" }
        return Get-KanadeErrorRecord -Code $said -Category $Answer.CategoryInfo.Category -TargetObject $Pc -Message $message
    }
    throw $Answer
}

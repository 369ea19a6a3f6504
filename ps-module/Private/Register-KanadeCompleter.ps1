# Proposals for the values of parameters that mean the same in every command.
function Register-KanadeCompleter {
    [CmdletBinding()]
    [OutputType([void])]
    param([Parameter(Mandatory = $true)][string[]] $CommandName)

    $complete = {
        param($Command, $Parameter, $Word)
        # Of the other commands -Name is something else.
        if ($Parameter -eq 'Name' -and $Command -notin 'Connect-Kanade', 'Disconnect-Kanade', 'Get-KanadeContext') { return }
        Get-KanadeCompletion -Parameter $Parameter -Word $Word
    }
    foreach ($name in 'ComputerName', 'Group', 'JobId', 'ScheduleId', 'ExecId', 'RolloutId', 'Name') {
        Register-ArgumentCompleter -CommandName $CommandName -ParameterName $name -ScriptBlock $complete
    }
    $word = {
        param($Command, $Parameter, $Word)
        Get-KanadeWord -Parameter $Parameter | Where-Object -FilterScript { $_.StartsWith($Word.Trim("'", '"'), [System.StringComparison]::OrdinalIgnoreCase) }
    }
    Register-ArgumentCompleter -CommandName 'Get-KanadeEvent' -ParameterName 'Kind' -ScriptBlock $word
    Register-ArgumentCompleter -CommandName 'Get-KanadeAudit' -ParameterName 'Action' -ScriptBlock $word
    # Of what a completer is given the word is the third, and what else was said the fifth.
    Register-ArgumentCompleter -CommandName $CommandName -ParameterName 'Section' -ScriptBlock { Complete-KanadeSection -Word $args[2] }
    foreach ($name in 'Filter', 'Without', 'Query') {
        Register-ArgumentCompleter -CommandName $CommandName -ParameterName $name -ScriptBlock { Complete-KanadeFilter -Word $args[2] -Section $args[4]['Section'] }
    }
}

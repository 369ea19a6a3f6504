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
    Register-ArgumentCompleter -CommandName $CommandName -ParameterName 'Section' -ScriptBlock {
        param($Command, $Parameter, $Word)
        Complete-KanadeSection -Word $Word
    }
    foreach ($name in 'Filter', 'Without', 'Query') {
        Register-ArgumentCompleter -CommandName $CommandName -ParameterName $name -ScriptBlock {
            param($Command, $Parameter, $Word, $Ast, $Bound)
            Complete-KanadeFilter -Word $Word -Section $Bound['Section']
        }
    }
}

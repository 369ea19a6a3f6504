# Proposals for the values of parameters that mean the same in every command.
function Register-KanadeCompleter {
    [CmdletBinding()]
    [OutputType([void])]
    param([Parameter(Mandatory = $true)][string[]] $CommandName)

    $complete = {
        param($Command, $Parameter, $Word)
        # Of the other commands -Name is something else.
        if ($Parameter -eq 'Name' -and $Command -notin 'Connect-Kanade', 'Disconnect-Kanade', 'Get-KanadeContext') { return }
        # What is retired is among no other PCs.
        if ($Command -eq 'Restore-KanadeAgent') { $Parameter = 'Retired' }
        Get-KanadeCompletion -Parameter $Parameter -Word $Word
    }
    foreach ($name in 'ComputerName', 'Group', 'JobId', 'ScheduleId', 'ExecId', 'RolloutId', 'TokenId', 'EnrolmentId', 'KeyId', 'ReleaseId', 'Name') {
        Register-ArgumentCompleter -CommandName $CommandName -ParameterName $name -ScriptBlock $complete
    }
    # Of what a completer is given the parameter is the second, the word the third, and what else was said the fifth.
    $complete = {
        $typed = $args[2].Trim("'", '"')
        Get-KanadeWord -Parameter $args[1] | Where-Object -FilterScript { $_.StartsWith($typed, [System.StringComparison]::OrdinalIgnoreCase) }
    }
    Register-ArgumentCompleter -CommandName 'Get-KanadeEvent' -ParameterName 'Kind' -ScriptBlock $complete
    Register-ArgumentCompleter -CommandName 'Get-KanadeAudit' -ParameterName 'Action' -ScriptBlock $complete
    Register-ArgumentCompleter -CommandName $CommandName -ParameterName 'Section' -ScriptBlock { Complete-KanadeSection -Word $args[2] }
    foreach ($name in 'Filter', 'Without', 'Query') {
        Register-ArgumentCompleter -CommandName $CommandName -ParameterName $name -ScriptBlock { Complete-KanadeFilter -Word $args[2] -Section $args[4]['Section'] }
    }
}

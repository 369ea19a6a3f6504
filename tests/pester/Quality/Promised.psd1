# The parameters of each command. What is there is promised: a name that goes away or changes breaks scripts.
@{
    'Connect-Kanade'    = 'AllowUnencrypted Credential Server Token'
    'Disconnect-Kanade' = ''
    'Get-KanadeAgent'   = 'ComputerName Group OS Online Retired Search Version'
    'Get-KanadeContext' = ''
    'Get-KanadeExec'    = 'Actor ExecId First JobId Since State'
    'Get-KanadeInventory' = 'Expand Section TimeoutSec'
    'Invoke-KanadeExec' = 'All ArgumentList ComputerName ExpiresIn FilePath Group JobId Parameter RunAs ScriptBlock Shell SuccessExitCode Timeout Wait WaitTimeout'
}

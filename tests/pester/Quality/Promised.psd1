# The parameters of each command. What is there is promised: a name that goes away or changes breaks scripts.
@{
    'Connect-Kanade'    = 'AllowUnencrypted Credential Server Token'
    'Disconnect-Kanade' = ''
    'Get-KanadeAgent'   = 'ComputerName Group OS Online Retired Search Version'
    'Get-KanadeContext' = ''
    'Get-KanadeExec'    = 'Actor ExecId First JobId RolloutId ScheduleId Since State'
    'Get-KanadeInventory' = 'Expand Section TimeoutSec'
    'Get-KanadeRollout' = 'First RolloutId Status'
    'Invoke-KanadeExec' = 'All ArgumentList AsJob ComputerName Environment ExpiresIn FilePath Force Group JobId MaxFailurePercent Parameter RunAs ScriptBlock Shell Soak SuccessExitCode Timeout Wait WaitTimeout Wave'
    'Receive-KanadeExec' = 'ComputerName ExecId Follow State'
    'Restart-KanadeExec' = 'ExecId Force State'
    'Resume-KanadeRollout' = 'RolloutId'
    'Step-KanadeRollout' = 'RolloutId'
    'Stop-KanadeExec' = 'ComputerName ExecId'
    'Stop-KanadeRollout' = 'CancelQueued RolloutId'
    'Suspend-KanadeRollout' = 'RolloutId'
    'Wait-KanadeExec' = 'ExecId IncludeOffline Timeout'
}

# Of each command that has -WhatIf the smallest call that changes something, among what WhatIf.Tests.ps1 makes the backend answer.
@{
    'Add-KanadeGroupMember'       = @{ ComputerName = 'PC1'; Group = 'Canary' }
    'Add-KanadeRelease'           = @{ Path = 'TestDrive:/contexts/prod.json' }
    'Approve-KanadeEnrolment'     = @{ EnrolmentId = 'U1' }
    'Connect-Kanade'              = @{ Server = 'kanade.example.com'; Name = 'lab'; Save = $true }
    'Deny-KanadeEnrolment'        = @{ EnrolmentId = 'U1' }
    'Disable-KanadeSchedule'      = @{ ScheduleId = 's1' }
    'Disconnect-Kanade'           = @{ Name = 'prod' }
    'Enable-KanadeSchedule'       = @{ ScheduleId = 's1' }
    'Export-KanadeReport'         = @{ Path = 'TestDrive:/report.csv'; InputObject = 1 }
    'Grant-KanadeJob'             = @{ JobId = 'j1' }
    'Install-KanadeBackend'       = @{ Path = 'TestDrive:/agent.msi' }
    'Install-KanadeAgent'         = @{ Path = 'TestDrive:/agent.msi'; EnrolmentToken = 'ket_1_2'; Server = 'kanade.example.com' }
    'Invoke-KanadeExec'           = @{ JobId = 'j1'; ComputerName = 'PC1' }
    'New-KanadeCommandKey'        = @{}
    'New-KanadeEnrolmentToken'    = @{}
    'New-KanadeInstallCommand'    = @{}
    'Publish-KanadeAgentPackage'  = @{ Path = 'TestDrive:/agent.msi'; Version = '1.2.3' }
    'New-KanadeGpoPackage'        = @{ MsiPath = 'TestDrive:/agent.msi'; Path = 'TestDrive:/gpo' }
    'New-KanadeIntunePackage'     = @{ MsiPath = 'TestDrive:/agent.msi'; Path = 'TestDrive:/intune' }
    'Remove-KanadeAgent'          = @{ ComputerName = 'PC1' }
    'Remove-KanadeFreeze'         = @{}
    'Remove-KanadeGroup'          = @{ Group = 'Win11' }
    'Remove-KanadeGroupMember'    = @{ ComputerName = 'PC1'; Group = 'Office' }
    'Remove-KanadeJob'            = @{ JobId = 'j1' }
    'Remove-KanadeRelease'        = @{ ReleaseId = '1_1_0-win-x64' }
    'Remove-KanadeSchedule'       = @{ ScheduleId = 's1' }
    'Rename-KanadeAgent'          = @{ ComputerName = 'PC1'; NewName = 'PC2' }
    'Restart-KanadeExec'          = @{ ExecId = 'e1' }
    'Restore-KanadeAgent'         = @{ ComputerName = 'PC1' }
    'Resume-KanadeRollout'        = @{ RolloutId = 'r1' }
    'Revoke-KanadeAgent'          = @{ ComputerName = 'PC1' }
    'Revoke-KanadeCommandKey'     = @{ KeyId = 'k1' }
    'Revoke-KanadeEnrolmentToken' = @{ TokenId = 't1' }
    'Revoke-KanadeJob'            = @{ JobId = 'j1' }
    'Set-KanadeFreeze'            = @{}
    'Set-KanadeGroup'             = @{ Group = 'Win11'; Query = 'os.Build>=22000' }
    'Set-KanadeJob'               = @{ InputObject = @{ id = 'd1' } }
    'Set-KanadeSchedule'          = @{ InputObject = @{ id = 'd1' } }
    'Start-KanadeSchedule'        = @{ ScheduleId = 's1' }
    'Step-KanadeRollout'          = @{ RolloutId = 'r1' }
    'Stop-KanadeExec'             = @{ ExecId = 'e1' }
    'Stop-KanadeRollout'          = @{ RolloutId = 'r1' }
    'Suspend-KanadeRollout'       = @{ RolloutId = 'r1' }
    'Uninstall-KanadeAgent'       = @{}
    'Update-KanadeAgent'          = @{ ComputerName = 'PC1'; Version = '1.2.3' }
}

@{
    RootModule           = 'ps-module/Kanade.psm1'
    ModuleVersion        = '0.1.0'
    GUID                 = '7f0d1b0e-9c53-4a3e-8e0b-5a1f7f3d2c64'
    Author               = 'The Kanade maintainers'
    CompanyName          = 'Kanade'
    Copyright            = '(c) The Kanade maintainers. MIT licence.'
    Description          = 'Runs PowerShell on any set of Windows PCs, online or not, and brings back what each of them said.'
    PowerShellVersion    = '5.1'
    CompatiblePSEditions = @('Desktop', 'Core')
    # One file per type.
    FormatsToProcess     = @(
        'ps-module/Formats/Agent.format.ps1xml'
        'ps-module/Formats/AuditEntry.format.ps1xml'
        'ps-module/Formats/Context.format.ps1xml'
        'ps-module/Formats/Coverage.format.ps1xml'
        'ps-module/Formats/DocumentCheck.format.ps1xml'
        'ps-module/Formats/Event.format.ps1xml'
        'ps-module/Formats/ExecResult.format.ps1xml'
        'ps-module/Formats/Execution.format.ps1xml'
        'ps-module/Formats/Forecast.format.ps1xml'
        'ps-module/Formats/Freeze.format.ps1xml'
        'ps-module/Formats/Group.format.ps1xml'
        'ps-module/Formats/GroupMember.format.ps1xml'
        'ps-module/Formats/Inventory.format.ps1xml'
        'ps-module/Formats/InventoryChange.format.ps1xml'
        'ps-module/Formats/InventoryMatch.format.ps1xml'
        'ps-module/Formats/InventorySection.format.ps1xml'
        'ps-module/Formats/Job.format.ps1xml'
        'ps-module/Formats/Ping.format.ps1xml'
        'ps-module/Formats/Rollout.format.ps1xml'
        'ps-module/Formats/RolloutWave.format.ps1xml'
        'ps-module/Formats/Schedule.format.ps1xml'
    )
    # By name: with wildcards PowerShell would have to load the module to know whether a command is in it.
    FunctionsToExport    = @(
        'Add-KanadeGroupMember'
        'Connect-Kanade'
        'Disable-KanadeSchedule'
        'Disconnect-Kanade'
        'Enable-KanadeSchedule'
        'Export-KanadeReport'
        'Find-KanadeInventory'
        'Get-KanadeAgent'
        'Get-KanadeAudit'
        'Get-KanadeContext'
        'Get-KanadeEvent'
        'Get-KanadeExec'
        'Get-KanadeFreeze'
        'Get-KanadeGroup'
        'Get-KanadeGroupMember'
        'Get-KanadeInventory'
        'Get-KanadeJob'
        'Get-KanadeRollout'
        'Get-KanadeSchedule'
        'Get-KanadeScheduleCoverage'
        'Get-KanadeScheduleForecast'
        'Grant-KanadeJob'
        'Invoke-KanadeExec'
        'Receive-KanadeExec'
        'Remove-KanadeFreeze'
        'Remove-KanadeGroupMember'
        'Remove-KanadeJob'
        'Remove-KanadeSchedule'
        'Restart-KanadeExec'
        'Resume-KanadeRollout'
        'Revoke-KanadeJob'
        'Set-KanadeFreeze'
        'Set-KanadeJob'
        'Set-KanadeSchedule'
        'Start-KanadeSchedule'
        'Step-KanadeRollout'
        'Stop-KanadeExec'
        'Stop-KanadeRollout'
        'Suspend-KanadeRollout'
        'Test-KanadeAgent'
        'Test-KanadeJob'
        'Test-KanadeSchedule'
        'Wait-KanadeExec'
    )
    CmdletsToExport      = @()
    VariablesToExport    = @()
    AliasesToExport      = @()
    PrivateData          = @{
        PSData = @{
            Tags = @('Windows', 'Management', 'RemoteExecution', 'PSEdition_Desktop', 'PSEdition_Core')
        }
    }
}

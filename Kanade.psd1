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
        'ps-module/Formats/Context.format.ps1xml'
        'ps-module/Formats/ExecResult.format.ps1xml'
        'ps-module/Formats/Execution.format.ps1xml'
        'ps-module/Formats/Inventory.format.ps1xml'
        'ps-module/Formats/InventoryChange.format.ps1xml'
        'ps-module/Formats/InventoryMatch.format.ps1xml'
        'ps-module/Formats/InventorySection.format.ps1xml'
        'ps-module/Formats/Rollout.format.ps1xml'
        'ps-module/Formats/RolloutWave.format.ps1xml'
    )
    # By name: with wildcards PowerShell would have to load the module to know whether a command is in it.
    FunctionsToExport    = @(
        'Connect-Kanade'
        'Disconnect-Kanade'
        'Export-KanadeReport'
        'Find-KanadeInventory'
        'Get-KanadeAgent'
        'Get-KanadeContext'
        'Get-KanadeExec'
        'Get-KanadeInventory'
        'Get-KanadeRollout'
        'Invoke-KanadeExec'
        'Receive-KanadeExec'
        'Restart-KanadeExec'
        'Resume-KanadeRollout'
        'Step-KanadeRollout'
        'Stop-KanadeExec'
        'Stop-KanadeRollout'
        'Suspend-KanadeRollout'
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

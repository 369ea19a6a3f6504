# With the backend and the PCs of Exec.Tests.ps1.
BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    $null = Connect-Kanade
}

AfterAll {
    Disconnect-Kanade
}

Describe 'What the Tab key proposes' -Tag 'Integration' {
    It 'is what the backend has' {
        $exec = Invoke-KanadeExec -ComputerName PC1 -Shell pwsh -ScriptBlock { 1 }
        foreach ($case in @(@('Get-KanadeAgent p', 'PC1'), @('Invoke-KanadeExec -ScriptBlock { 1 } -ComputerName PC1, pc', 'PC2'), @('Wait-KanadeExec -ExecId ', $exec.ExecId))) {
            $line = $case[0]
            (TabExpansion2 -inputScript $line -cursorColumn $line.Length).CompletionMatches.CompletionText | Should -Contain $case[1] -Because "of '$line'"
        }
    }
}

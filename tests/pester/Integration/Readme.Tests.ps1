# The session of the README, run again: no command of it fails, and what each shows has the columns that the README shows.
BeforeDiscovery {
    $text = [System.IO.File]::ReadAllText((Join-Path $PSScriptRoot '../../../README.md')).Replace("`r`n", "`n")
    $session = [regex]::Match($text, '(?ms)^```\n(PS> .*?)^```').Groups[1].Value
    $steps = @(foreach ($part in $session -split '(?m)^PS> ' | Where-Object -FilterScript { $_ }) {
            $lines = $part -split "`n"
            $command = @($lines[0]) + @($lines | Where-Object -FilterScript { $_ -like '>> *' } | ForEach-Object -Process { $_.Substring(3) }) -join "`n"
            $shown = @($lines | Select-Object -Skip 1 | Where-Object -FilterScript { $_ -and $_ -notlike '>> *' })
            @{ Command = $command; Columns = "$($shown | Select-Object -First 1)".Trim() -replace '\s+', ' ' }
        })
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    $PSDefaultParameterValues = @{ 'Invoke-KanadeExec:Shell' = 'pwsh' }
    Push-Location -LiteralPath $TestDrive
}

AfterAll {
    Pop-Location
    Get-KanadeSchedule -ScheduleId count-nightly | Remove-KanadeSchedule -Confirm:$false
    Get-KanadeJob -JobId count-files | Remove-KanadeJob -Confirm:$false
    Get-KanadeAgent | Remove-KanadeGroupMember -Group Lab -Confirm:$false
    Disconnect-Kanade
}

Describe 'The session of the README' -Tag 'Integration' {
    It 'is there' -ForEach @{ Count = $steps.Count } {
        $Count | Should -BeGreaterThan 10
    }

    It 'shows <Command>' -ForEach $steps {
        # In this scope: what one command sets, the next one uses.
        $shown = . ([scriptblock]::Create($Command)) | Out-String -Width 110
        $first = @($shown -split '\r?\n' | Where-Object -FilterScript { $_ -match '\S' })[0]
        ("$first".Trim() -replace '\e\[[\d;]*m' -replace '\s+', ' ') | Should -Be $Columns
        if (Test-Path -LiteralPath variable:days) { $script:days = $days }
    }
}

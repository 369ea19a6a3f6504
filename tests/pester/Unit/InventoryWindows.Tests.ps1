BeforeDiscovery {
    # Each is read in a language and with a calendar that has led others astray.
    $pcs = @(
        @{ Name = 'GermanLaptop'; Culture = 'de-DE' }
        @{ Name = 'JapaneseDesktop'; Culture = 'ja-JP' }
        @{ Name = 'ServerCore'; Culture = 'ar-SA' }
        @{ Name = 'FrenchVirtualMachine'; Culture = 'fr-FR' }
        @{ Name = 'ThirtyTwoBits'; Culture = 'tr-TR' }
    )
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    . (Join-Path $PSScriptRoot '../Recorded/RecordedPc.ps1')

    function Read-Message([string] $Section) {
        $line = & (Get-Module -Name Kanade) { param($Section) Get-KanadeInventoryMessage -Section $Section } $Section
        ConvertFrom-Json -InputObject $line
    }
}

Describe 'The inventory of <Name>' -ForEach $pcs {
    BeforeAll {
        $before = [cultureinfo]::CurrentCulture
        [cultureinfo]::CurrentCulture = $Culture
        Use-RecordedPc (Get-RecordedPc $Name)
        $expected = ConvertFrom-Json -InputObject ([System.IO.File]::ReadAllText((Join-Path $PSScriptRoot "../Recorded/$Name/expected.json")))
    }

    AfterAll {
        Restore-Private
        [cultureinfo]::CurrentCulture = $before
    }

    It 'is what was recorded' {
        foreach ($section in $expected.PSObject.Properties) {
            $read = Read-Message $section.Name
            $got = [pscustomobject] @{ data = $read.data; faults = @($read.faults | ForEach-Object -Process { "$($_.source): $($_.code)" }) }
            # Text against text, so that types, order and names count.
            ConvertTo-Json -InputObject $got -Depth 8 | Should -BeExactly (ConvertTo-Json -InputObject $section.Value -Depth 8) -Because "that is the section $($section.Name)"
        }
    }

    It 'has every section' {
        & (Get-Module -Name Kanade) { Get-KanadeInventorySupport } | Should -Be (ConvertTo-Json -InputObject @($expected.PSObject.Properties.Name) -Compress)
    }
}

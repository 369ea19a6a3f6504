BeforeDiscovery {
    $formats = Get-ChildItem -Path (Join-Path $PSScriptRoot '../../../ps-module/Formats') -Filter '*.format.ps1xml'
    $shown = foreach ($file in $formats) {
        $text = [System.IO.File]::ReadAllText($file.FullName)
        foreach ($view in ([xml] $text).Configuration.ViewDefinitions.View) { @{ Type = $view.ViewSelectedBy.TypeName; View = @($view.ChildNodes.Name)[-1]; Text = $view.OuterXml } }
    }
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force
    $escape = [char] 27
    # A colour, the clipboard, a C1 control, what turns the direction of writing, and what goes back to the beginning of the line.
    $evil = "e${escape}[31mv${escape}]52;c;eA==$([char] 7)$([char] 0x9B)2J$([char] 0x202E)$([char] 0x2066)`ril"
    $command = '[\x00-\x09\x0b\x0c\x0e-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]'

    # As a PC would fill it that says whatever it likes: every property that the view looks at, and those of what lies within.
    function Hostile([string] $Type, [string] $View, [scriptblock] $Value) {
        $made = [ordered] @{ PSTypeName = $Type }
        foreach ($found in [regex]::Matches($View, '\$_\.(\w+)|<PropertyName>(\w+)<')) {
            $name = $found.Groups[1].Value + $found.Groups[2].Value
            if ($name -ne 'PSObject') { $made[$name] = & $Value }
        }
        if ($Type -eq 'Kanade.InventoryChange') { $made['Change'] = 'changed' }
        [pscustomobject] $made
    }

    function Show([object] $Object, [string] $View) {
        $text = if ($View -eq 'TableControl') { $Object | Format-Table -Wrap | Out-String -Width 4000 } else { $Object | Format-List | Out-String -Width 4000 }
        # The colours are PowerShell's own.
        $text -replace '\x1b\[32;1m|\x1b\[0m' -replace '\r\n', "`n"
    }
}

Describe 'The <View> of <Type>' -ForEach $shown {
    It 'shows nothing that would command a terminal' {
        $within = [pscustomobject] @{}
        foreach ($name in [regex]::Matches($Text, '\$_\.(\w+)|\)\.(\w+)').ForEach({ $_.Groups[1].Value + $_.Groups[2].Value }) + 'Groups', 'Pcs', 'Shell', 'Timeout', 'Script', 'Mode') {
            if ($name -ne 'PSObject') { $within | Add-Member -NotePropertyName $name -NotePropertyValue $evil -Force }
        }
        $as = @(
            { $evil }
            { , @($evil, $evil) }
            { $within }
            { , @($within, $within) }
        )
        foreach ($value in $as) {
            $seen = Show (Hostile $Type $Text $value) $View
            $seen | Should -Not -Match $command
            $seen | Should -Match 'ev]52;c' -Because 'the rest of it is seen'
        }
    }

    It 'makes each column by what leaves that out' {
        $Text | Should -Not -Match '<PropertyName>'
        $Text | Should -Not -Match '<ScriptBlock>(?:(?!Format-KanadeCell|</ScriptBlock>)[\s\S])*</ScriptBlock>'
    }
}

Describe 'A view' {
    It 'works also when the module is seen by another module alone' {
        $manifest = Join-Path $PSScriptRoot '../../../Kanade.psd1'
        $script = "`$null = New-Module -Name Outer -ScriptBlock { Import-Module '$manifest' } | Import-Module; [pscustomobject] @{ PSTypeName = 'Kanade.Event'; Kind = 'alien' } | Out-String"
        (& (Get-Process -Id $PID).Path -NoProfile -Command $script) -join ' ' | Should -Match 'alien'
    }
}

Describe 'A table' {
    It 'has room for every <Parameter> in its column' -ForEach @(
        @{ Parameter = 'Kind'; Type = 'Kanade.Event' }
        @{ Parameter = 'Action'; Type = 'Kanade.AuditEntry' }
    ) {
        foreach ($word in InModuleScope -ModuleName Kanade -Parameters @{ Of = $Parameter } -ScriptBlock { param($Of) Get-KanadeWord -Parameter $Of }) {
            $row = [pscustomobject] @{ PSTypeName = $Type; RecordedAt = [datetime]::Now; ComputerName = 'PC1'; Actor = 'admin'; $Parameter = $word; Code = $null; Detail = 'd'; Result = 'ok'; Target = 't' }
            $row | Format-Table | Out-String -Width 120 | Should -Match "\b$word\b"
        }
    }
}

Describe 'An error' {
    It 'says what a PC has said without what would command a terminal' {
        $record = InModuleScope -ModuleName Kanade -Parameters @{ Evil = $evil } -ScriptBlock { param($Evil) Get-KanadeErrorRecord -Code 'inventory_failed' -Message "PC1: $Evil" }
        $record.Exception.Message | Should -BeExactly 'PC1: ev]52;c;eA==2Jil'
    }
}

BeforeAll {
    Import-Module -Name (Join-Path $PSScriptRoot '../../../Kanade.psd1') -Force

    function Agent([string] $Pc) {
        [pscustomobject] @{
            pc_id = $Pc; hostname = $Pc; online = $true; last_heartbeat = $null; last_seen = '2024-01-02T03:04:05Z'; enrolled_at = '2024-01-02T03:04:05Z'; retired_at = $null
            version = '1'; os = 'Windows'; tz = 'UTC'; inventory_at = $null; groups = @('Lab'); pending = 0; running = @(); problems = @(); conflict = $false
        }
    }

    # The module's own, so that an error carries what a real one does.
    function Refusal([string] $Code, [object[]] $Faults = @()) {
        $made = InModuleScope -ModuleName Kanade -Parameters @{ Code = $Code } -ScriptBlock { param($Code) Get-KanadeErrorRecord -Code $Code -Message 'refused' -Category InvalidData }
        $made.Exception.Data['Faults'] = $Faults
        $made
    }
}

Describe 'Get-KanadeAgent' {
    BeforeEach {
        $script:asked = [System.Collections.ArrayList]::new()
        Mock -ModuleName Kanade -CommandName Invoke-KanadeRestMethod -MockWith {
            $null = $script:asked.Add(@{ Path = $Path; Query = $Query })
            if ($Path -eq '/agents/NOPE') { return Refusal 'not_found' }
            Agent 'PC1'
        }
    }

    It 'filters at the backend' {
        (Get-KanadeAgent -Group Lab -Online:$false -OS win -Search x).ComputerName | Should -Be 'PC1'
        $asked[0].Query.group, $asked[0].Query.online, $asked[0].Query.os, $asked[0].Query.q | Should -Be 'Lab', 'false', 'win', 'x'
    }

    It 'gives the PCs it finds and an error for each other' {
        $found = 'pc1.example.com', 'nope' | Get-KanadeAgent -ErrorVariable wrong -ErrorAction SilentlyContinue
        $found.PSObject.TypeNames[0] | Should -Be 'Kanade.Agent'
        $asked[0].Path | Should -Be '/agents/PC1'
        $wrong.FullyQualifiedErrorId | Should -Be 'Kanade.not_found,Get-KanadeAgent'
    }
}

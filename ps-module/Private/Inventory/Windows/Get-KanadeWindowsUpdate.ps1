# Updates that Windows Update knows of, each once: pending, or as its newest entry in the history has it. Without definitions of
# Defender, of which there are several a day: the section defender says how old those are.
function Get-KanadeWindowsUpdate {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $pending = Read-KanadeSource -Reading $Reading -Source 'Microsoft.Update.Session pending' -Read { param($TimeoutSec) Get-KanadeUpdateRecord -Kind pending -TimeoutSec $TimeoutSec }
    $history = Read-KanadeSource -Reading $Reading -Source 'Microsoft.Update.Session history' -Read { param($TimeoutSec) Get-KanadeUpdateRecord -Kind history -TimeoutSec $TimeoutSec }
    if ($null -eq $pending -and $null -eq $history) { return $null }

    # The category 'Definition Updates', in every language.
    $definitions = 'e0789628-ce08-4437-be74-2495b842f43b'
    $waiting = New-Object -TypeName 'System.Collections.Generic.HashSet[string]'
    foreach ($update in $pending) {
        if ($definitions -in $update.Categories -or -not $waiting.Add($update.UpdateId)) { continue }
        [pscustomobject] @{
            Id          = $update.UpdateId
            Title       = ConvertTo-KanadeText -Value $update.Title
            Kb          = @($update.Kb | Where-Object -FilterScript { $_ } | ForEach-Object -Process { "KB$($_ -replace '^KB')" })
            State       = 'pending'
            Severity    = ConvertTo-KanadeText -Value $update.Severity
            InstalledAt = $null
            Downloaded  = $update.Downloaded
        }
    }
    $seen = New-Object -TypeName 'System.Collections.Generic.HashSet[string]'
    foreach ($entry in @($history | Where-Object -FilterScript { $null -ne $_ } | Sort-Object -Property Date -Descending)) {
        # 1: an installation, and 2 to 5: one that has ended.
        if ($entry.Operation -ne 1 -or $entry.ResultCode -lt 2 -or $definitions -in $entry.Categories -or -not $seen.Add($entry.UpdateId)) { continue }
        $state = 'failed'
        $installed = $null
        if ($entry.ResultCode -in 2, 3) {
            $state = 'installed'
            $installed = [datetime]::SpecifyKind($entry.Date, [System.DateTimeKind]::Utc).ToLocalTime()
        }
        [pscustomobject] @{
            Id          = $entry.UpdateId
            Title       = ConvertTo-KanadeText -Value $entry.Title
            Kb          = @([regex]::Matches("$($entry.Title)", 'KB\d{5,}') | ForEach-Object -Process { $_.Value } | Select-Object -Unique)
            State       = $state
            Severity    = $null
            InstalledAt = $installed
            Downloaded  = $null
        }
    }
}

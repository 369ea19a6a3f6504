# The only function that asks Windows Update, through COM: what it has found the last time it looked (pending), or what it has done
# (history). It does not look anew, which would take minutes and ask a server.
function Get-KanadeUpdateRecord {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][ValidateSet('pending', 'history')][string] $Kind,
        [Parameter(Mandatory = $true)][double] $TimeoutSec
    )

    Invoke-KanadeBounded -TimeoutSec $TimeoutSec -Parameter @{ Kind = $Kind } -ScriptBlock {
        param($Kind)
        $searcher = (New-Object -ComObject Microsoft.Update.Session).CreateUpdateSearcher()
        $searcher.Online = $false
        if ($Kind -eq 'pending') {
            foreach ($update in $searcher.Search('IsInstalled=0 and IsHidden=0').Updates) {
                [pscustomobject] @{
                    UpdateId   = $update.Identity.UpdateID
                    Title      = $update.Title
                    Kb         = @(foreach ($id in $update.KBArticleIDs) { $id })
                    Severity   = $update.MsrcSeverity
                    Downloaded = $update.IsDownloaded
                    Categories = @(foreach ($category in $update.Categories) { $category.CategoryID })
                }
            }
            return
        }
        $count = $searcher.GetTotalHistoryCount()
        # Asked for none it would complain.
        if ($count -eq 0) { return }
        foreach ($entry in $searcher.QueryHistory(0, [Math]::Min($count, 5000))) {
            [pscustomobject] @{
                UpdateId   = $entry.UpdateIdentity.UpdateID
                Title      = $entry.Title
                Operation  = [int] $entry.Operation
                ResultCode = [int] $entry.ResultCode
                Date       = $entry.Date
                Categories = @(foreach ($category in $entry.Categories) { $category.CategoryID })
            }
        }
    }
}

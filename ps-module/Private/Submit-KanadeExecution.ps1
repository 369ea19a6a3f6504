# Submits, and gives the exec_id (and of waves the rollout_id), or nothing when nobody is left. A PC that is not known does not keep the others from it: each
# is told to OnRefused, with its name and why, and the rest is submitted.
function Submit-KanadeExecution {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Request,
        [Parameter(Mandatory = $true)][scriptblock] $OnRefused,
        # Gives an ErrorRecord in place of throwing it, to whoever goes on.
        [switch] $PassError
    )

    while ($true) {
        $answer = Invoke-KanadeRestMethod -Method POST -Path '/executions' -Body $Request -IdempotencyKey ([guid]::NewGuid().ToString()) -PassError
        if ($answer -isnot [System.Management.Automation.ErrorRecord]) { return $answer }
        $faults = @($answer.Exception.Data['Faults'] | Where-Object -FilterScript { $null -ne $_ })
        $indexes = @($faults | ForEach-Object -Process { if ($_.code -eq 'unknown_pc' -and $_.pointer -match '^/target/pcs/(\d+)$') { [int] $Matches[1] } })
        # Something else is wrong as well, and with it nothing can be submitted.
        if ($indexes.Count -eq 0 -or $indexes.Count -ne $faults.Count) {
            if ($PassError) { return $answer }
            throw $answer
        }
        $pcs = @($Request.target.pcs)
        for ($i = 0; $i -lt $faults.Count; $i++) { & $OnRefused $pcs[$indexes[$i]] $faults[$i].message }
        $gone = New-Object -TypeName 'System.Collections.Generic.HashSet[int]' -ArgumentList (, [int[]] $indexes)
        $left = @(for ($i = 0; $i -lt $pcs.Count; $i++) { if (-not $gone.Contains($i)) { $pcs[$i] } })
        if ($left.Count -gt 0) { $Request.target.pcs = $left }
        elseif ($Request.target.Contains('groups')) { $Request.target.Remove('pcs') }
        else { return }
    }
}

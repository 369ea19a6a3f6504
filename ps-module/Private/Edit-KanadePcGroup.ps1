# Puts a PC into groups or takes it out of them, whatever else changes its groups meanwhile. True when the PC is as it should
# be; what went wrong has been said.
function Edit-KanadePcGroup {
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [Parameter(Mandatory = $true)][string] $Pc,
        [string[]] $Add = @(),
        [string[]] $Remove = @()
    )

    # Times. Whoever loses each of them against others has a problem that one more would not solve.
    $attempts = 10
    $target = @{ Cmdlet = $Cmdlet; TargetObject = $Pc; Missing = "No PC named $Pc is enrolled." }
    for ($attempt = 1; ; $attempt++) {
        $read = Invoke-KanadeTargetCall @target -Call @{ Path = "/agents/$Pc/groups" }
        if (-not $read.Ok) { return $false }
        $before = @($read.Value.groups)
        # Names are compared as the backend does: without case.
        $after = @($before | Where-Object -FilterScript { $_ -notin $Remove })
        foreach ($name in $Add) { if ($name -notin $after) { $after += $name } }
        # The one only adds, and the other only takes away.
        if ($after.Count -eq $before.Count) { return $true }
        $answer = Invoke-KanadeRestMethod -Method PUT -Path "/agents/$Pc/groups" -Body @{ groups = $after } -Header @{ 'If-Match' = $read.Value.etag } -PassError
        if ($answer -isnot [System.Management.Automation.ErrorRecord]) { return $true }
        if ($answer.FullyQualifiedErrorId -notlike 'Kanade.precondition_failed*' -or $attempt -ge $attempts) {
            Write-KanadeError -Cmdlet $Cmdlet -Record $answer -TargetObject $Pc
            return $false
        }
    }
}

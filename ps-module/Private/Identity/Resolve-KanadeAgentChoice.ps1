# The PCs that a command is about to take away, each once, with what it is called when somebody is asked about it. Where nobody is asked
# about each of them, so many are not taken by a slip: -Force says that they are meant. What is not known has been said.
function Resolve-KanadeAgentChoice {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [AllowEmptyCollection()][AllowEmptyString()][string[]] $Name,
        # 'Retire'
        [Parameter(Mandatory = $true)][string] $Action,
        # Also how many executions end by it.
        [switch] $Queue,
        [switch] $Force
    )

    $names = [ordered] @{}
    foreach ($one in $Name) {
        $pc = Resolve-KanadePcId -Cmdlet $Cmdlet -Name $one
        if ($pc -and -not $names.Contains($pc)) { $names[$pc] = $one }
    }
    $asks = Test-KanadeQuestion -Cmdlet $Cmdlet
    try {
        if (-not (Confirm-KanadeTarget -Cmdlet $Cmdlet -Action $Action -Number $names.Count -Force:$Force -WhenUnasked)) { return }
    } catch {
        $Cmdlet.ThrowTerminatingError($_)
    }
    foreach ($pc in $names.Keys) {
        $what = $pc
        if ($asks) {
            $what = Resolve-KanadeAgentTarget -Cmdlet $Cmdlet -Pc $pc -Name $names[$pc] -Queue:$Queue
            if (-not $what) { continue }
        }
        [pscustomobject] @{ Pc = $pc; Name = $names[$pc]; What = $what }
    }
}

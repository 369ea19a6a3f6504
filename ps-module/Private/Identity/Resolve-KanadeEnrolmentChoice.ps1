# The enrolments that somebody decides about, by their ids or by the names that they ask for, each with what it is called when somebody is
# asked about it. What is not known, or is more than one, has been said.
function Resolve-KanadeEnrolmentChoice {
    [CmdletBinding()]
    [OutputType([psobject])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [AllowEmptyCollection()][AllowNull()][string[]] $EnrolmentId,
        [AllowEmptyCollection()][AllowNull()][string[]] $ComputerName
    )

    $ids = @($EnrolmentId | Where-Object -FilterScript { $_ })
    $waiting = $null
    foreach ($name in $ComputerName) {
        $pc = Resolve-KanadePcId -Cmdlet $Cmdlet -Name $name
        if (-not $pc) { continue }
        if ($null -eq $waiting) {
            try {
                $waiting = @(Invoke-KanadeRestMethod -Path '/enrolments' -Query @{ state = 'pending' } -All | Where-Object -FilterScript { $null -ne $_ })
            } catch {
                $Cmdlet.ThrowTerminatingError($_)
            }
        }
        $found = @($waiting | Where-Object -FilterScript { $_.pc_id -eq $pc })
        if ($found.Count -eq 1) {
            $ids += $found[0].id
        } elseif ($found.Count -eq 0) {
            $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'not_found' -Category ObjectNotFound -TargetObject $name -Message "No PC waits to be enrolled as $pc."))
        } else {
            # One of them is not the PC of that name: which, only a person can say.
            $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'ambiguous_name' -Category InvalidArgument -TargetObject $name -Message "$($found.Count) wait to be enrolled as $pc`: compare them with Get-KanadeEnrolment $pc | Format-List, and say -EnrolmentId ($($found.id -join ', '))."))
        }
    }
    foreach ($id in $ids) {
        $what = $id
        if (Test-KanadeQuestion -Cmdlet $Cmdlet) {
            $what = Resolve-KanadeEnrolmentTarget -Cmdlet $Cmdlet -EnrolmentId $id
            if (-not $what) { continue }
        }
        [pscustomobject] @{ Id = $id; What = $what }
    }
}

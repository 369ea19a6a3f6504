function Find-KanadeInventory {
    <#
    .SYNOPSIS
        Finds hardware, software and settings on the PCs of the fleet, by what the backend holds of them.
    .DESCRIPTION
        Gives the rows of one section of every PC, or those for which all conditions hold, each with its PC as ComputerName. With
        -Without it gives the PCs that have no such row in place of rows. What it gives goes down the pipeline into Invoke-KanadeExec.
        PCs that are off are searched like the others: the backend answers with what each PC has sent last. Retired PCs are left out.

        A condition is text: a field, an operator and a value, such as 'Version<24'.
            =   is, whatever the case; * stands for any text
            !=  is not
            < <= > >=  compare numbers as numbers, versions part by part, times and dates as such, anything else as text
            ~   contains
        Fields are written as the objects show them, or as the API does: InstallDate or install_date. A condition of another section
        names it, 'os.Build>=22000', and speaks of the same PC. A field that is a list fits when one of its elements does.
        A value that a field of the agents' sections can never have, such as a word for a number, is refused (Kanade.condition_type).
        The backend compares, and cannot run a script block: for anything else pipe the rows into Where-Object.
    .PARAMETER Section
        The section, such as software, os, volumes, or a custom one of a job.
    .PARAMETER Filter
        Conditions that must all hold on the same row.
    .PARAMETER Without
        Conditions of what a PC must not have: gives the PCs without a row for which they all hold. A PC whose section was never read
        is not among them.
    .PARAMETER Group
        Only PCs of this group.
    .PARAMETER Online
        Only PCs that are online; -Online:$false gives those that are not.
    .PARAMETER First
        Only so many rows, or PCs. Default: all.
    .EXAMPLE
        Find-KanadeInventory -Section software -Filter 'Name=*7-Zip*', 'Version<24'

        Every installation of 7-Zip older than version 24, with its PC.
    .EXAMPLE
        Find-KanadeInventory software 'Name=*Zoom*', 'Version<5' | Invoke-KanadeExec -JobId update-zoom

        Runs a job on the PCs that have an old Zoom.
    .EXAMPLE
        PS> Find-KanadeInventory -Section software -Without 'Name=Google Chrome', 'Version>=120' -Group Lab

        The PCs of the group Lab that have no Chrome, or one older than version 120.
    .EXAMPLE
        PS> Find-KanadeInventory -Section os -Filter 'Build>=22000' -Online | Group-Object -Property DisplayVersion

        How many PCs that are online run which version of Windows 11.
    .EXAMPLE
        Find-KanadeInventory -Section os -Filter "BootedAt<$((Get-Date).AddDays(-30))"

        The PCs that were not started for 30 days.
    .EXAMPLE
        Find-KanadeInventory -Section volumes | Where-Object -FilterScript { $_.SizeBytes -gt 0 -and $_.FreeGb * 1GB / $_.SizeBytes -lt 0.1 }

        What no condition can say, a script block says here.
    .INPUTS
        None
    .OUTPUTS
        Kanade.Inventory.Software and the like, after the section; Kanade.Inventory.Row of a custom section; Kanade.InventoryMatch with
        -Without.
    #>
    [CmdletBinding(DefaultParameterSetName = 'Row')]
    [OutputType([psobject], ParameterSetName = 'Row')]
    [OutputType('Kanade.InventoryMatch', ParameterSetName = 'Without')]
    param(
        [Parameter(Mandatory = $true, Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string] $Section,

        [Parameter(Position = 1)]
        [ValidateNotNull()]
        [AllowEmptyString()]
        [string[]] $Filter = @(),

        [Parameter(ParameterSetName = 'Without', Mandatory = $true)]
        [AllowEmptyString()]
        [string[]] $Without,

        [string] $Group,

        [switch] $Online,

        [ValidateRange(1, 2147483647)]
        [int] $First = [int]::MaxValue
    )

    try {
        $name = (Resolve-KanadeSection -Name $Section).section
        $query = @{}
        if ($Group) { $query.group = $Group }
        if ($PSBoundParameters.ContainsKey('Online')) { $query.online = "$Online".ToLowerInvariant() }
        $conditions = @(Resolve-KanadeFilter -Filter $Filter -Section $name)
        if ($PSCmdlet.ParameterSetName -eq 'Without') {
            $conditions += @(Resolve-KanadeFilter -Filter $Without -Section $name -Absent)
            Invoke-KanadeRestMethod -Path '/inventory/search' -Query $query -Condition $conditions -All -First $First | ConvertTo-KanadeInventoryMatch
        } else {
            Invoke-KanadeRestMethod -Path ('/inventory/' + [uri]::EscapeDataString($name)) -Query $query -Condition $conditions -All -First $First | ConvertTo-KanadeInventoryRow -Section $name
        }
    } catch {
        $PSCmdlet.ThrowTerminatingError($_)
    }
}

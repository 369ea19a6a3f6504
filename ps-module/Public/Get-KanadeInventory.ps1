function Get-KanadeInventory {
    <#
    .SYNOPSIS
        Gets the inventory of this PC or of PCs of the fleet: hardware, system, software and how it is secured; and what has changed of it.
    .DESCRIPTION
        Without -ComputerName it reads each section of this PC anew, on Windows through CIM and the registry, on Linux from /proc, /sys and dpkg. What cannot be read is
        named in Faults with a code: access_denied, timed_out, not_supported or failed. Data is empty when there is nothing, and
        $null when nothing could be read. A class that does not answer is left behind after its time, and the rest is given.
        Some sections need an elevated session: bitlocker, tpm and parts of others.

        With -ComputerName it gives the same of other PCs, as the backend holds it: what each has sent last, also of one that is off. A PC
        sends a section when it has changed: CollectedAt is when it found it so, and InventoryAt of Get-KanadeAgent is when it looked last.
        What could not be read does not replace what could be read before: then CheckedAt is when that was tried. Custom
        sections, which a job with inventory_section writes, are among the others; JobId and ExecId say where one comes from.
    .PARAMETER Section
        The sections: system, os, bios, cpu, memory, disks, volumes, network, software, hotfixes, updates, services, defender, firewall,
        bitlocker, tpm, local_admins, sessions, pending_reboot, execution_policy; of other PCs also custom ones, and agent_settings: what
        counts on the PC, and whether a policy, the installation or nobody said so. By default all that a PC has.
    .PARAMETER TimeoutSec
        How long one section may take on this PC.
    .PARAMETER Expand
        Gives the rows themselves, each with its ComputerName, in place of the sections they are in. What could not be read is then
        a warning.
    .PARAMETER ComputerName
        PCs of the fleet. Of a full name the first label counts, whatever its case. Takes names and objects with a Name, DNSHostName,
        PSComputerName or pc_id from the pipeline.
    .PARAMETER Refresh
        Has each PC collect first, one after the other; a custom section stays as its job has left it. A PC that is off is an error of
        its own, and its last state is given without -Refresh.
    .PARAMETER History
        Gives what was added, removed and changed in place of what there is, newest first.
    .PARAMETER Since
        Only what the backend has heard of at this time or later.
    .PARAMETER First
        The newest so many changes of each PC. Default: 50, with -Since all.
    .EXAMPLE
        Get-KanadeInventory

        All sections of this PC.
    .EXAMPLE
        Get-KanadeInventory -ComputerName PC1 -Section os, pending_reboot -Refresh

        Two sections of PC1, which collects them now.
    .EXAMPLE
        Get-KanadeAgent -Group Lab | Get-KanadeInventory -Section volumes -Expand | Where-Object -Property FreePercent -LT 10

        Volumes of the group Lab that are nearly full.
    .EXAMPLE
        Get-KanadeInventory -ComputerName PC1 -Section software -History -Since (Get-Date).AddDays(-7)

        What was installed, removed and updated on PC1 in the last week.
    .EXAMPLE
        Get-KanadeInventory -Section software -Expand | Where-Object -Property Publisher -Like 'Adobe*'

        What is installed of one publisher, for the PC and for each user who is signed in.
    .EXAMPLE
        (Get-KanadeInventory -Section os).Data.BootedAt

        When this PC was started.
    .INPUTS
        System.String, or any object with a ComputerName, Name, DNSHostName, PSComputerName or pc_id.
    .OUTPUTS
        Kanade.InventorySection; with -Expand the rows of its section, such as Kanade.Inventory.Software, or Kanade.Inventory.Row of a
        custom one; with -History Kanade.InventoryChange.
    #>
    [CmdletBinding(DefaultParameterSetName = 'Local')]
    [OutputType('Kanade.InventorySection', 'Kanade.InventoryChange')]
    [OutputType(
        'Kanade.Inventory.System', 'Kanade.Inventory.Os', 'Kanade.Inventory.Bios', 'Kanade.Inventory.Cpu', 'Kanade.Inventory.Memory',
        'Kanade.Inventory.Disks', 'Kanade.Inventory.Volumes', 'Kanade.Inventory.Network', 'Kanade.Inventory.Software', 'Kanade.Inventory.Hotfixes',
        'Kanade.Inventory.Updates', 'Kanade.Inventory.Services', 'Kanade.Inventory.Defender', 'Kanade.Inventory.Firewall', 'Kanade.Inventory.Bitlocker',
        'Kanade.Inventory.Tpm', 'Kanade.Inventory.LocalAdmins', 'Kanade.Inventory.Sessions', 'Kanade.Inventory.PendingReboot', 'Kanade.Inventory.ExecutionPolicy',
        'Kanade.Inventory.AgentSettings'
    )]
    param(
        [Parameter(Position = 0)]
        [ValidateNotNullOrEmpty()]
        [string[]] $Section,

        [Parameter(ParameterSetName = 'Local')]
        [ValidateRange(1, 3600)]
        [int] $TimeoutSec = 60,

        [Parameter(ParameterSetName = 'Local')]
        [Parameter(ParameterSetName = 'Remote')]
        [switch] $Expand,

        [Parameter(ParameterSetName = 'Remote', Mandatory = $true, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Parameter(ParameterSetName = 'History', Mandatory = $true, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Name', 'DNSHostName', 'PSComputerName', 'pc_id')]
        [string[]] $ComputerName,

        [Parameter(ParameterSetName = 'Remote')]
        [switch] $Refresh,

        [Parameter(ParameterSetName = 'History', Mandatory = $true)]
        [switch] $History,

        [Parameter(ParameterSetName = 'History')]
        [datetime] $Since,

        [Parameter(ParameterSetName = 'History')]
        [ValidateRange(1, 2147483647)]
        [int] $First = 50
    )

    process {
        if ($PSCmdlet.ParameterSetName -eq 'Local') {
            $there = @(Get-KanadeInventoryName)
            $asked = $there
            if ($PSBoundParameters.ContainsKey('Section')) {
                $asked = @(foreach ($name in $Section) {
                        $found = Select-KanadeName -Name $name -From $there
                        if ($found) { $found; continue }
                        $PSCmdlet.WriteError((Get-KanadeErrorRecord -Code 'unknown_section' -Category ObjectNotFound -TargetObject $name -Message "This PC has no section '$name'. It has: $($there -join ', ')."))
                    })
            }
            if ($asked.Count -gt 0) { Get-KanadeLocalInventory -Section $asked -TimeoutSec $TimeoutSec -Expand:$Expand }
            return
        }
        $arguments = @{}
        if ($PSBoundParameters.ContainsKey('Section')) {
            $arguments.Section = @(foreach ($name in $Section) {
                    $found = Select-KanadeName -Name $name -From (Get-KanadeInventoryDefinition).Keys
                    if ($found) { $found } else { $name.ToLowerInvariant() }
                })
        }
        if ($PSCmdlet.ParameterSetName -eq 'Remote') {
            $command = 'Get-KanadeRemoteInventory'
            $arguments.Refresh = $Refresh
        } else {
            $command = 'Get-KanadeInventoryChange'
            if ($PSBoundParameters.ContainsKey('Since')) { $arguments.Since = $Since }
            $arguments.First = Resolve-KanadeFirst -Bound $PSBoundParameters -First $First
        }
        foreach ($name in $ComputerName) {
            $pc = Resolve-KanadePcId -Cmdlet $PSCmdlet -Name $name
            if (-not $pc) { continue }
            try {
                & $command -Cmdlet $PSCmdlet -Pc $pc @arguments | ForEach-Object -Process {
                    if ($Expand) { Expand-KanadeInventorySection -InputObject $_ } else { $_ }
                }
            } catch {
                $PSCmdlet.ThrowTerminatingError($_)
            }
        }
    }
}

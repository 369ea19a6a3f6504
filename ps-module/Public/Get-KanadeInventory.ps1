function Get-KanadeInventory {
    <#
    .SYNOPSIS
        Gets the inventory of this PC: its hardware, its system, its software and how it is secured.
    .DESCRIPTION
        Reads each section anew, on Windows through CIM and the registry, on Linux from /proc, /sys and dpkg. What cannot be read is
        named in Faults with a code: access_denied, timed_out, not_supported or failed. Data is empty when there is nothing, and
        $null when nothing could be read. A class that does not answer is left behind after its time, and the rest is given.
        Some sections need an elevated session: bitlocker, tpm and parts of others.
    .PARAMETER Section
        The sections: system, os, bios, cpu, memory, disks, volumes, network, software, hotfixes, updates, services, defender, firewall,
        bitlocker, tpm, local_admins, sessions, pending_reboot, execution_policy. By default all that this PC has.
    .PARAMETER TimeoutSec
        How long one section may take.
    .PARAMETER Expand
        Gives the rows themselves, each with its ComputerName, in place of the sections they are in. What could not be read is then
        a warning.
    .EXAMPLE
        Get-KanadeInventory

        All sections of this PC.
    .EXAMPLE
        Get-KanadeInventory -Section software -Expand | Where-Object -Property Publisher -Like 'Adobe*'

        What is installed of one publisher, for the PC and for each user who is signed in.
    .EXAMPLE
        (Get-KanadeInventory -Section os).Data.BootedAt

        When this PC was started.
    .INPUTS
        None.
    .OUTPUTS
        Kanade.InventorySection, or with -Expand the rows of its section, such as Kanade.Inventory.Software.
    #>
    [CmdletBinding(DefaultParameterSetName = 'Local')]
    [OutputType('Kanade.InventorySection')]
    [OutputType(
        'Kanade.Inventory.System', 'Kanade.Inventory.Os', 'Kanade.Inventory.Bios', 'Kanade.Inventory.Cpu', 'Kanade.Inventory.Memory',
        'Kanade.Inventory.Disks', 'Kanade.Inventory.Volumes', 'Kanade.Inventory.Network', 'Kanade.Inventory.Software', 'Kanade.Inventory.Hotfixes',
        'Kanade.Inventory.Updates', 'Kanade.Inventory.Services', 'Kanade.Inventory.Defender', 'Kanade.Inventory.Firewall', 'Kanade.Inventory.Bitlocker',
        'Kanade.Inventory.Tpm', 'Kanade.Inventory.LocalAdmins', 'Kanade.Inventory.Sessions', 'Kanade.Inventory.PendingReboot', 'Kanade.Inventory.ExecutionPolicy'
    )]
    param(
        [Parameter(ParameterSetName = 'Local', Position = 0)]
        [ArgumentCompleter({
                $word = $args[2]
                & (Get-Module -Name Kanade) { Get-KanadeInventoryName } | Where-Object -FilterScript { $_ -like "$word*" }
            })]
        [string[]] $Section,

        [Parameter(ParameterSetName = 'Local')]
        [ValidateRange(1, 3600)]
        [int] $TimeoutSec = 60,

        [Parameter(ParameterSetName = 'Local')]
        [switch] $Expand
    )

    process {
        $there = @(Get-KanadeInventoryName)
        $asked = $there
        if ($PSBoundParameters.ContainsKey('Section')) {
            $asked = @(foreach ($name in $Section) {
                    if ($name -in $there) { $name.ToLowerInvariant(); continue }
                    $PSCmdlet.WriteError((Get-KanadeErrorRecord -Code 'unknown_section' -Category ObjectNotFound -TargetObject $name -Message "This PC has no section '$name'. It has: $($there -join ', ')."))
                })
        }
        if ($asked.Count -gt 0) { Get-KanadeLocalInventory -Section $asked -TimeoutSec $TimeoutSec -Expand:$Expand }
    }
}

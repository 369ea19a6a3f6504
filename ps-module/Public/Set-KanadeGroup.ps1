function Set-KanadeGroup {
    <#
    .SYNOPSIS
        Makes a dynamic group, or changes it: the PCs whose inventory meets all conditions.
    .DESCRIPTION
        The backend keeps the members current as inventory comes in, and the group is used wherever a group is: for executions, schedules,
        rollouts and lists. What a PC has sent last counts, also of one that is off.
        A condition is text: section.Field, an operator and a value, as in Find-KanadeInventory, which is the way to see beforehand whom it
        would find. With ! in front of it the PC must have no such row. See about_KanadeInventory. A field that no PC has in that section
        is the error Kanade.unknown_field, and nothing is changed; a section that no PC has yet is a warning.
        A group that PCs were put into by Add-KanadeGroupMember is none that can have a query. What somebody else changes at the same
        moment is not overwritten: that is the error Kanade.precondition_failed.
    .PARAMETER Group
        The group: letters, digits, "_" and "-", up to 64 of them. Upper and lower case are the same.
    .PARAMETER Query
        The conditions, all of them; those of before go.
    .PARAMETER Description
        What the group is for. Default: what it says already.
    .PARAMETER PassThru
        Gives the group.
    .PARAMETER WhatIf
        Says what would be changed, and how many members there are and would be; changes nothing.
    .PARAMETER Confirm
        Asks first.
    .EXAMPLE
        PS> Set-KanadeGroup -Group win11 -Query 'os.Build>=22000' -Description 'Windows 11'

        Makes a group of the PCs that have Windows 11.
    .EXAMPLE
        Set-KanadeGroup old-chrome -Query 'software.Name=Google Chrome', 'software.Version<120' -PassThru

        Makes a group of the PCs that have an old Chrome, and shows it.
    .EXAMPLE
        Set-KanadeGroup no-agent -Query 'os.ProductType=workstation', '!software.Name=Contoso Agent'

        Makes a group of the workstations without a program.
    .INPUTS
        Any object with a Group and a Query, such as a Kanade.Group.
    .OUTPUTS
        Kanade.Group with -PassThru, else nothing.
    #>
    [CmdletBinding(SupportsShouldProcess = $true)]
    [OutputType('Kanade.Group')]
    param(
        [Parameter(Mandatory = $true, Position = 0, ValueFromPipelineByPropertyName = $true)]
        [Alias('Name')]
        [ValidateNotNullOrEmpty()]
        [string] $Group,

        [Parameter(Mandatory = $true, Position = 1, ValueFromPipelineByPropertyName = $true)]
        [AllowEmptyString()]
        [string[]] $Query,

        [Parameter(ValueFromPipelineByPropertyName = $true)]
        [AllowEmptyString()]
        [string] $Description,

        [switch] $PassThru
    )

    process {
        $path = "/groups/$([uri]::EscapeDataString($Group))"
        try {
            $before = Invoke-KanadeRestMethod -Path $path -PassError
            $kept = $null
            if ($before -isnot [System.Management.Automation.ErrorRecord]) { $kept = $before.query }
            $conditions = @(Resolve-KanadeQuery -Query $Query -Kept $kept)
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
        $body = @{ query = $conditions }
        $header = @{ 'If-None-Match' = '*' }
        $change = "Ask the inventory for $($conditions -join ' & ')"
        if ($before -isnot [System.Management.Automation.ErrorRecord]) {
            # Of a static group the backend says that it is none for a query.
            $header = @{}
            if ($before.etag) { $header['If-Match'] = $before.etag }
            if ($before.description) { $body.description = $before.description }
            if ($before.query) { $change += " in place of $($before.query -join ' & ')" }
        } elseif ($before.FullyQualifiedErrorId -notlike 'Kanade.not_found*') {
            Write-KanadeError -Cmdlet $PSCmdlet -Record $before -TargetObject $Group
            return
        }
        if ($PSBoundParameters.ContainsKey('Description')) { $body.description = $Description }
        $what = "group $Group"
        if ($WhatIfPreference -or ($PSBoundParameters.ContainsKey('Confirm') -and $PSBoundParameters.Confirm)) {
            $found = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $Group -Call @{ Path = '/inventory/search'; Condition = $conditions; All = $true }
            if (-not $found.Ok) { return }
            $members = if ($before -is [System.Management.Automation.ErrorRecord]) { 0 } elseif ($null -eq $before.members) { 'unknown' } else { @($before.members).Count }
            $what += " (members: $members, then $(@($found.Value | Where-Object -FilterScript { $null -ne $_ }).Count))"
        }
        if (-not $PSCmdlet.ShouldProcess($what, $change)) { return }
        $put = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $Group -Call @{ Method = 'PUT'; Path = $path; Body = $body; Header = $header }
        if ($put.Ok -and $PassThru) { ConvertTo-KanadeGroup -InputObject $put.Value }
    }
}

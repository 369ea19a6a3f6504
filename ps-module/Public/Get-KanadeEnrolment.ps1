function Get-KanadeEnrolment {
    <#
    .SYNOPSIS
        Gets the PCs that wait for an admin to let them in, and why they wait.
    .DESCRIPTION
        Longest first. Reason is needs_approval when the token of the PC asks for one. Otherwise the PC has another key than the one that
        has its name (name_taken), or had it until it was retired or revoked (name_retired, name_revoked): a PC that was imaged anew, or
        somebody who poses as it. Get-KanadeAgent shows who has the name, and Hardware of both whether it is the same machine.
        With ids it gives these, also denied ones. What is not known is an error of its own, and the others are given.
    .PARAMETER ComputerName
        Only those that ask for these names. Of a full name the first label counts, whatever its case. Wildcards are allowed.
    .PARAMETER State
        Those that wait (pending, which is the default) or that were denied within the last 30 days (denied), or both.
    .PARAMETER Reason
        Only those that wait for one of these reasons.
    .PARAMETER TokenId
        Only those that came with these enrolment tokens. A token that was found somewhere may be named by its text.
    .PARAMETER EnrolmentId
        The enrolments, also from the pipeline: the public key of the PC.
    .EXAMPLE
        Get-KanadeEnrolment

        Who waits.
    .EXAMPLE
        Get-KanadeEnrolment LAB-* -Reason needs_approval | Approve-KanadeEnrolment -Confirm:$false

        Lets the new PCs of a lab in, and nobody who asks for the name of another.
    .EXAMPLE
        Get-KanadeEnrolment PC1 | Get-KanadeAgent | Format-List

        Who has the name now that PC1 asks for.
    .INPUTS
        System.String, or any object with an EnrolmentId.
    .OUTPUTS
        Kanade.Enrolment
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    [OutputType('Kanade.Enrolment')]
    param(
        [Parameter(ParameterSetName = 'List', Position = 0)]
        [Alias('Name')]
        [string[]] $ComputerName,

        [Parameter(ParameterSetName = 'List')]
        [ValidateSet('pending', 'denied')]
        [string[]] $State = 'pending',

        [Parameter(ParameterSetName = 'List')]
        [ValidateSet('needs_approval', 'name_taken', 'name_retired', 'name_revoked')]
        [string[]] $Reason,

        [Parameter(ParameterSetName = 'List')]
        [string[]] $TokenId,

        [Parameter(ParameterSetName = 'Id', Mandatory = $true, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id')]
        [string[]] $EnrolmentId
    )

    process {
        if ($PSCmdlet.ParameterSetName -eq 'Id') {
            foreach ($id in $EnrolmentId) {
                $found = Invoke-KanadeTargetCall -Cmdlet $PSCmdlet -TargetObject $id -Missing "No enrolment waits under '$id'." -Call @{ Path = "/enrolments/$([uri]::EscapeDataString($id))" }
                if ($found.Ok) { ConvertTo-KanadeEnrolment -InputObject $found.Value }
            }
            return
        }
        $query = @{}
        $states = @($State | Sort-Object -Unique)
        if ($states.Count -eq 1) { $query.state = $states[0].ToLowerInvariant() }
        try {
            $all = @(Invoke-KanadeRestMethod -Path '/enrolments' -Query $query -All | Where-Object -FilterScript { $null -ne $_ } | ConvertTo-KanadeEnrolment)
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
        if ($Reason) { $all = @($all | Where-Object -FilterScript { $_.Reason -in $Reason }) }
        if ($TokenId) {
            $tokens = @($TokenId | ForEach-Object -Process { ConvertTo-KanadeTokenId -Text $_ })
            $all = @($all | Where-Object -FilterScript { $_.TokenId -in $tokens })
        }
        if (-not $ComputerName) { return $all }
        foreach ($name in $ComputerName) {
            if ([System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters($name)) {
                $all | Where-Object -FilterScript { $_.ComputerName -like $name }
                continue
            }
            $pc = Resolve-KanadePcId -Cmdlet $PSCmdlet -Name $name
            if (-not $pc) { continue }
            $found = @($all | Where-Object -FilterScript { $_.ComputerName -eq $pc })
            if ($found.Count -eq 0) {
                $PSCmdlet.WriteError((Get-KanadeErrorRecord -Code 'not_found' -Category ObjectNotFound -TargetObject $name -Message "No PC waits to be enrolled as $pc."))
            }
            $found
        }
    }
}

function Get-KanadeGroup {
    <#
    .SYNOPSIS
        Gets the groups of PCs, with how many members each has.
    .DESCRIPTION
        Without names it lists every group. Upper and lower case are the same in the name of a group. Names that are not known are
        errors of their own, and the others are given.
    .PARAMETER Group
        The groups, also from the pipeline. Wildcards are allowed.
    .EXAMPLE
        Get-KanadeGroup | Sort-Object -Property Members -Descending

        The groups, the largest first.
    .EXAMPLE
        Get-KanadeGroup -Group Lab | Get-KanadeGroupMember

        The PCs of the group Lab.
    .INPUTS
        System.String, or any object with a Group.
    .OUTPUTS
        Kanade.Group
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    [OutputType('Kanade.Group')]
    param(
        [Parameter(ParameterSetName = 'Name', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [string[]] $Group
    )

    begin {
        try {
            $all = @((Invoke-KanadeRestMethod -Path '/groups').items | ConvertTo-KanadeGroup)
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
    }

    process {
        if ($PSCmdlet.ParameterSetName -eq 'List') { return $all }
        foreach ($name in $Group) {
            $found = @($all | Where-Object -FilterScript { $_.Group -like $name })
            if ($found.Count -eq 0 -and -not [System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters($name)) {
                $PSCmdlet.WriteError((Get-KanadeErrorRecord -Code 'not_found' -Category ObjectNotFound -TargetObject $name -Message "There is no group '$name'."))
            }
            $found
        }
    }
}

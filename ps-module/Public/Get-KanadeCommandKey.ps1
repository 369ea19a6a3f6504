function Get-KanadeCommandKey {
    <#
    .SYNOPSIS
        Gets the keys by which the backends sign what PCs obey.
    .DESCRIPTION
        Each backend has its own. State is next (known, and not used yet), active (signs), retiring (signs no more; what it has signed
        counts until RetiredAt) or retired (nothing that it has signed counts). Own says whether the backend that answers has the private
        half. A key that is not known is an error of its own, and the others are given.
    .PARAMETER KeyId
        The keys, also from the pipeline; without it all.
    .EXAMPLE
        Get-KanadeCommandKey

        All keys, of all backends.
    .EXAMPLE
        Get-KanadeCommandKey | Where-Object -Property State -EQ active | Format-List

        By which keys commands are signed now.
    .INPUTS
        System.String, or any object with a KeyId, such as a Kanade.CommandKey.
    .OUTPUTS
        Kanade.CommandKey
    #>
    [CmdletBinding()]
    [OutputType('Kanade.CommandKey')]
    param(
        [Parameter(Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id')]
        [string[]] $KeyId
    )

    process {
        try {
            $all = @((Invoke-KanadeRestMethod -Path '/command-keys').items | ConvertTo-KanadeCommandKey)
        } catch {
            $PSCmdlet.ThrowTerminatingError($_)
        }
        if (-not $KeyId) { return $all }
        foreach ($id in $KeyId) {
            $found = @($all | Where-Object -FilterScript { $_.KeyId -eq $id })
            if ($found.Count -eq 0) {
                $PSCmdlet.WriteError((Get-KanadeErrorRecord -Code 'not_found' -Category ObjectNotFound -TargetObject $id -Message "There is no command key '$id'."))
            }
            $found
        }
    }
}

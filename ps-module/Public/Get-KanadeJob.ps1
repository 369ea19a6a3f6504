function Get-KanadeJob {
    <#
    .SYNOPSIS
        Gets the jobs of the backend, as objects or as YAML.
    .DESCRIPTION
        Gives each job with all it says; what was changed of it can be piped into Set-KanadeJob. Ids that are not known are errors of
        their own, and the others are given.
    .PARAMETER JobId
        The jobs, also from the pipeline. Wildcards are allowed. Default: all.
    .PARAMETER AsYaml
        Gives the text of each: the YAML it was written in, or that of what was not. A file of several, with --- between them, is one that
        Set-KanadeJob reads.
    .EXAMPLE
        Get-KanadeJob | Where-Object -Property Status -EQ REVOKED

        The jobs that may not run.
    .EXAMPLE
        (Get-KanadeJob -JobId disk-cleanup).Execute.Script

        The script of a job.
    .EXAMPLE
        Get-KanadeJob | ForEach-Object { Get-KanadeJob -JobId $_.JobId -AsYaml | Set-Content -LiteralPath "$($_.JobId).yaml" -Encoding UTF8 }

        Writes every job into a file of its own.
    .EXAMPLE
        Get-KanadeJob -AsYaml | Set-Content -LiteralPath jobs.yaml -Encoding UTF8

        Writes all jobs into one file, which Set-KanadeJob -Path reads.
    .INPUTS
        System.String, or any object with a JobId.
    .OUTPUTS
        Kanade.Job, or System.String with -AsYaml.
    #>
    [CmdletBinding(DefaultParameterSetName = 'List')]
    [OutputType('Kanade.Job', [string])]
    param(
        [Parameter(ParameterSetName = 'Id', Mandatory = $true, Position = 0, ValueFromPipeline = $true, ValueFromPipelineByPropertyName = $true)]
        [Alias('Id', 'job_id')]
        [string[]] $JobId,

        [switch] $AsYaml
    )

    begin {
        $given = 0
    }

    process {
        Get-KanadeStoredDocument -Cmdlet $PSCmdlet -Kind job -Id $JobId -AsYaml:$AsYaml | ForEach-Object -Process {
            if ($AsYaml) { Join-KanadeYaml -Text $_ -Given ([ref] $given) } else { ConvertTo-KanadeJob -InputObject $_ }
        }
    }
}

# A schedule of a list that has the documents. Of one that cannot be read there is only what is wrong with it.
function ConvertTo-KanadeSchedule {
    [CmdletBinding()]
    [OutputType('Kanade.Schedule')]
    param([Parameter(Mandatory = $true, ValueFromPipeline = $true)][psobject] $InputObject)

    process {
        $schedule = [ordered] @{
            PSTypeName  = 'Kanade.Schedule'
            ScheduleId  = $InputObject.id
            JobId       = $InputObject.job_id
            Enabled     = $InputObject.enabled
            NextAt      = ConvertFrom-KanadeInstant -Value $InputObject.next_at
            NextBlocked = $InputObject.next_blocked
            Error       = $InputObject.error
            Description = $null
        }
        foreach ($name in 'target', 'when', 'cron', 'mode', 'cooldown', 'auto_disable_when_done', 'tz', 'catch_up', 'starting_deadline', 'active', 'window', 'skip_dates', 'max_concurrent', 'retry', 'jitter', 'rollout') {
            $schedule[(ConvertTo-KanadePascalCase -Name $name)] = $null
        }
        $document = $InputObject.PSObject.Properties['document']
        if ($null -ne $document) {
            foreach ($property in $document.Value.PSObject.Properties) {
                if ($property.Name -notin 'id', 'job_id', 'enabled', 'target') {
                    $schedule[(ConvertTo-KanadePascalCase -Name $property.Name)] = ConvertTo-KanadePascalObject -Value $property.Value
                }
            }
            $schedule.Target = ConvertTo-KanadePascalObject -Value $document.Value.target -Always All, Groups, Pcs, Dynamic
        }
        $schedule.UpdatedAt = ConvertFrom-KanadeInstant -Value $InputObject.updated_at
        $schedule.UpdatedBy = $InputObject.updated_by
        $schedule.ETag = $null
        if ($null -ne $document) { $schedule.ETag = $InputObject.etag }
        [pscustomobject] $schedule
    }
}

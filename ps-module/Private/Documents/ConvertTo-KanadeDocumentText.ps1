# A document that is an object, as JSON: a hashtable, an object somebody has made, or one of ours that was changed. Of those the
# backend's own remarks are left out.
function ConvertTo-KanadeDocumentText {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][ValidateSet('job', 'schedule')][string] $Kind,
        [Parameter(Mandatory = $true)][object] $InputObject
    )

    $ours = @($InputObject.PSObject.TypeNames | Where-Object -FilterScript { $_ -match '\bKanade\.(?:Job|Schedule)$' }).Count -gt 0
    $table = ConvertFrom-KanadePascalObject -Value (ConvertTo-KanadeJsonValue -Value $InputObject -Name "The $Kind")
    if ($table -isnot [System.Collections.IDictionary]) {
        throw (Get-KanadeErrorRecord -Code 'not_a_document' -Category InvalidArgument -TargetObject $InputObject -Message "'$InputObject' is no ${Kind}: pass the path of a file, its text, a hashtable or an object.")
    }
    $document = [ordered] @{}
    foreach ($name in $table.Keys) {
        if ($ours -and $name -in 'status', 'error', 'next_at', 'next_blocked', 'updated_at', 'updated_by', 'e_tag') { continue }
        # No tags are said by leaving them out.
        if ($ours -and $name -eq 'tags' -and @($table[$name]).Count -eq 0) { continue }
        $field = $name
        if ($name -eq "${Kind}_id") { $field = 'id' }
        $document[$field] = $table[$name]
    }
    return ConvertTo-Json -InputObject $document -Depth 64 -Compress
}

# One server-sent event, without the empty line behind it; nothing for a sign of life.
function ConvertFrom-KanadeEventText {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][AllowEmptyString()][string] $Text)

    $fields = @{ id = $null; event = $null; data = $null }
    foreach ($line in $Text.Split("`n")) {
        if ($line.TrimEnd("`r") -match '^(id|event|data): ?(.*)$') { $fields[$Matches[1]] = $Matches[2] }
    }
    if (-not $fields.event -or -not $fields.data) { return }
    return [pscustomobject] @{ Id = $fields.id; Event = $fields.event; Data = ConvertFrom-KanadeJson -Text $fields.data }
}

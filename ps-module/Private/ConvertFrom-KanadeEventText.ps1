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
    $data = ConvertFrom-KanadeJson -Text $fields.data
    # What a script wrote may look like a date, and PowerShell 7.0 to 7.4 has made one of it.
    if ($data.PSObject.Properties['data'] -and $data.data -is [datetime] -and $fields.data -match '"data":"([^"]*)"') { $data.data = $Matches[1] }
    return [pscustomobject] @{ Id = $fields.id; Event = $fields.event; Data = $data }
}

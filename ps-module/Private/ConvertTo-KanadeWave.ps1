# What -Wave says, as the API has it: a number of PCs or a share of them that has been reached by then, or a group.
function ConvertTo-KanadeWave {
    [CmdletBinding()]
    [OutputType([object])]
    param([Parameter(Mandatory = $true)][AllowNull()][object] $Value)

    if ($Value -is [int] -or $Value -is [long]) { return $Value }
    if ($Value -is [System.Collections.IDictionary] -and $Value.Count -eq 1 -and $Value.Contains('Group')) { return @{ group = "$($Value['Group'])" } }
    $text = "$Value".Trim()
    if ($text -match '^\d+$') { return [long] $text }
    if ($text -match '^\d{1,3}(?:\.\d+)?%$') { return $text }
    if ($text -match '^[A-Za-z0-9_-]{1,64}$') { return @{ group = $text } }
    throw (Get-KanadeErrorRecord -Code 'invalid_wave' -Category InvalidArgument -TargetObject $Value -Message "-Wave '$Value' is none: say a number of PCs, a share such as 10%, or the name of a group.")
}

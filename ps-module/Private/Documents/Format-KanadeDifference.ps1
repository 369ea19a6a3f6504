# What storing a document would do, for -WhatIf, -Confirm and -Verbose: a line for each field, and of a text of several lines
# those that change.
function Format-KanadeDifference {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][ValidateSet('job', 'schedule')][string] $Kind,
        # As Get-KanadeDocument gives it.
        [Parameter(Mandatory = $true)][psobject] $Check
    )

    $answer = $Check.Answer
    $from = ''
    if ($Check.Document.Path) { $from = " from $($Check.Document.Label)" }
    if ($answer.exists) { $lines = @("Change the $Kind $($answer.id)${from}:") } else { $lines = @("Make the $Kind $($answer.id)${from}:") }
    if (@($answer.differences).Count -eq 0) { $lines += '  only comments or the layout of its YAML' }
    foreach ($one in $answer.differences) {
        if ($one.before -is [string] -and $one.after -is [string] -and ($one.before + $one.after).Contains("`n")) {
            $lines += "  ~ $($one.pointer):"
            $lines += Format-KanadeLineDifference -Before $one.before -After $one.after
            continue
        }
        $before, $after = foreach ($value in $one.before, $one.after) {
            if ($value -is [string] -and $value.Contains("`n")) { "$($value.TrimEnd("`n").Split("`n").Count) lines" }
            else {
                $text = ConvertTo-Json -InputObject $value -Depth 64 -Compress
                if ($text.Length -gt 200) { $text = $text.Substring(0, 200) + '...' }
                $text
            }
        }
        if ($null -eq $one.before) { $lines += "  + $($one.pointer): $after" }
        elseif ($null -eq $one.after) { $lines += "  - $($one.pointer): $before" }
        else { $lines += "  ~ $($one.pointer): $before -> $after" }
    }
    return $lines -join [System.Environment]::NewLine
}

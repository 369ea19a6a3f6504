# What a view shows of a value. A PC, or whoever wrote a document, must not command the terminal of whoever reads it: of text
# control characters are left out, and those that turn the direction of writing, with which it would look like other text. The
# objects keep what was said. Every column of every view is made by this; views see what is private only through the module itself,
# which may be imported by another module alone: hence @(Get-Module -Name Kanade -All)[0] in them.
function Format-KanadeCell {
    [CmdletBinding()]
    param([Parameter(Position = 0)][AllowNull()][object] $Value)

    # Colours are left out whole; of anything else that begins with an escape the rest is seen. Lines and tabs stay.
    $hidden = '\x1b\[[0-9;:]*m|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]'
    if ($null -eq $Value -or $Value -is [ValueType]) { return $Value }
    if ($Value -is [string]) { return $Value -replace $hidden }
    if ($Value -is [array]) {
        $cells = [object[]] @(foreach ($one in $Value) { if ($null -ne $one -and $one -isnot [ValueType]) { "$one" -replace $hidden } else { $one } })
        # Shown as a list, also of one.
        return , $cells
    }
    return "$Value" -replace $hidden
}

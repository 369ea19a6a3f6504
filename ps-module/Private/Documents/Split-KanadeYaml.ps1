# The documents of a text of YAML, of which one is most often all there is. The marks between them belong to none; what comes before
# the first and is only comments or a directive goes with it.
function Split-KanadeYaml {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][AllowEmptyString()][string] $Text)

    # YAML allows neither mark at the beginning of a line for anything else, not even within a script.
    $marks = [regex]::Matches($Text, '(?m)^(?:---(?:[ \t]*(?:\r?\n|\z)|(?=[ \t]))|\.\.\.[ \t]*(?:\r?\n|\z))')
    $found = New-Object -TypeName 'System.Collections.Generic.List[string]'
    $before = ''
    $at = 0
    for ($n = 0; $n -le $marks.Count; $n++) {
        $end = $Text.Length
        if ($n -lt $marks.Count) { $end = $marks[$n].Index }
        $part = $Text.Substring($at, $end - $at)
        if ($part -match '(?m)^[ \t]*[^\s#%]') {
            $found.Add($before + $part)
            $before = ''
        } elseif ($part.Trim() -and $n -lt $marks.Count) {
            $before += $part + $marks[$n].Value
        }
        if ($n -lt $marks.Count) { $at = $end + $marks[$n].Length }
    }
    # The backend says what is wrong with a document that says nothing.
    if ($found.Count -eq 0) { return $Text }
    return $found.ToArray()
}

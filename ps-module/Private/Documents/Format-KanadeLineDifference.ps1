# The lines between what two texts have in common at their begin and at their end: those of the one, then those of the other.
function Format-KanadeLineDifference {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][AllowEmptyString()][string] $Before,
        [Parameter(Mandatory = $true)][AllowEmptyString()][string] $After
    )

    if ($Before.Replace("`r", '') -ceq $After.Replace("`r", '')) { return '      only how its lines end' }
    # Lines of each; who wants to read more of them compares the files.
    $most = 20
    $old = $Before.Split("`n")
    $new = $After.Split("`n")
    $head = 0
    while ($head -lt $old.Count -and $head -lt $new.Count -and $old[$head] -ceq $new[$head]) { $head++ }
    $tail = 0
    while ($tail -lt $old.Count - $head -and $tail -lt $new.Count - $head -and $old[$old.Count - 1 - $tail] -ceq $new[$new.Count - 1 - $tail]) { $tail++ }
    foreach ($side in @{ Sign = '-'; Lines = $old }, @{ Sign = '+'; Lines = $new }) {
        $count = $side.Lines.Count - $head - $tail
        for ($i = 0; $i -lt [Math]::Min($count, $most); $i++) { "      $($side.Sign) " + $side.Lines[$head + $i].TrimEnd("`r") }
        if ($count -gt $most) { "      $($side.Sign) ... and $($count - $most) more lines" }
    }
}

# Whom a target means, in one line for -WhatIf and for questions; with -State also on how many PCs it would run, and how many are off.
function Format-KanadeTarget {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Target,
        [switch] $State
    )

    $names = @()
    if ($Target.Contains('all')) { $names = @('all PCs') }
    if ($Target.Contains('groups')) { $names = @($Target.groups | ForEach-Object -Process { "group $_" }) }
    if ($Target.Contains('pcs')) { $names += @($Target.pcs) }
    $text = ($names | Select-Object -First 10) -join ', '
    if ($names.Count -gt 10) { $text += " and $($names.Count - 10) more" }
    if (-not $State) { return $text }
    $measured = Measure-KanadeTarget -Target $Target -State
    $unknown = if ($measured.Unknown -gt 0) { ", $($measured.Unknown) not enrolled" } else { '' }
    return "$text ($(Format-KanadePcCount -Number $measured.Count): $($measured.Online) online, $($measured.Count - $measured.Online) offline$unknown)"
}

# What is free of a volume, in whole gigabytes and percent: to the byte it would be another each time.
function Get-KanadeFreeSpace {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [AllowNull()][object] $Size,
        [AllowNull()][object] $Free
    )

    $space = @{ FreeGb = $null; FreePercent = $null }
    if ($null -ne $Free) {
        $space.FreeGb = [long] [Math]::Floor([double] $Free / 1GB)
        if ($Size -gt 0) { $space.FreePercent = [int] [Math]::Floor(100 * [double] $Free / [double] $Size) }
    }
    return $space
}

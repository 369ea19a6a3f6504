function Get-KanadeWindowsHotfix {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $fixes = Read-KanadeCim -Reading $Reading -ClassName Win32_QuickFixEngineering -Property HotFixID, Description, InstalledOn, InstalledBy
    if ($null -eq $fixes) { return $null }
    # Without a number it is a leftover ("File 1").
    $fixes = @($fixes | Where-Object -FilterScript { "$($_.HotFixID)" -match '^KB\d+' })
    $dates = ConvertTo-KanadeHotfixDate -Value @($fixes | ForEach-Object -Process { "$($_.InstalledOn)" })
    foreach ($fix in $fixes) {
        [pscustomobject] @{
            Id          = $fix.HotFixID
            Description = ConvertTo-KanadeText -Value $fix.Description
            InstalledOn = $dates["$($fix.InstalledOn)"]
            InstalledBy = ConvertTo-KanadeText -Value $fix.InstalledBy
        }
    }
}

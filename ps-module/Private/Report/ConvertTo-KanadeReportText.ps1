# A value as a cell of a table has it, the same in every culture, so that Excel, too, knows a time by its form.
function ConvertTo-KanadeReportText {
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()][object] $Value)

    if ($null -eq $Value) { return '' }
    if ($Value -is [string]) { return $Value }
    if ($Value -is [datetime]) { return $Value.ToLocalTime().ToString('yyyy-MM-dd HH:mm:ss', [cultureinfo]::InvariantCulture) }
    if ($Value -is [System.DateTimeOffset]) { return ConvertTo-KanadeReportText -Value $Value.LocalDateTime }
    if ($Value -is [System.Collections.IDictionary] -or $Value -is [System.Management.Automation.PSCustomObject]) {
        return ConvertTo-Json -InputObject (ConvertTo-KanadeReportValue -Value $Value) -Depth 32 -Compress
    }
    if ($Value -is [System.Collections.IEnumerable]) {
        return @(foreach ($item in $Value) { ConvertTo-KanadeReportText -Value $item }) -join ', '
    }
    if ($Value -is [System.IFormattable]) { return $Value.ToString($null, [cultureinfo]::InvariantCulture) }
    return "$Value"
}

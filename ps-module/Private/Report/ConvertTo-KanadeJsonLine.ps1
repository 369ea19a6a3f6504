# Objects as JSON, a line each, many at a time.
function ConvertTo-KanadeJsonLine {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][System.Collections.IList] $Row,
        # Default: all.
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][string[]] $Property
    )

    foreach ($item in $Row) {
        $table = [ordered] @{}
        foreach ($one in $item.PSObject.Properties) {
            if ($Property.Count -gt 0 -and $one.Name -notin $Property) { continue }
            $value = $one.Value
            # A copy of text, see ConvertTo-KanadeReportValue; most values are text.
            if ($value -is [string]) { $table[$one.Name] = "$value" }
            elseif ($null -eq $value -or $value -is [bool]) { $table[$one.Name] = $value }
            else { $table[$one.Name] = ConvertTo-KanadeReportValue -Value $value }
        }
        ConvertTo-Json -InputObject $table -Depth 32 -Compress
    }
}

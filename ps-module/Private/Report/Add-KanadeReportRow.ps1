# Adds objects to a report that Open-KanadeReport has begun, many at a time. Objects of another type, or under another caption, begin
# another table where the format has several.
function Add-KanadeReportRow {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Report,
        [Parameter(Mandatory = $true)][AllowEmptyCollection()][AllowNull()][System.Collections.IList] $Row,
        # Default: the type of the objects.
        [string] $Caption,
        # The columns. Default: the properties of the first object.
        [string[]] $Property = @()
    )

    if ($Caption -and $Caption -ne $Report.Table) {
        if ($Property.Count -eq 0 -and $Row.Count -gt 0) { $Property = @(foreach ($one in $Row[0].PSObject.Properties) { $one.Name }) }
        Open-KanadeReportTable -Report $Report -Caption $Caption -Column $Property
    }
    $ready = New-Object -TypeName System.Collections.ArrayList
    foreach ($item in $Row) {
        if ($null -eq $item) { continue }
        # Text and numbers have properties too, and none that says what they are.
        if ($item -is [string] -or $item -is [valuetype]) { $item = [pscustomobject] @{ PSTypeName = 'Value'; Value = $item } }
        if (-not $Caption) {
            $type = $item.PSObject.TypeNames[0]
            $table = $Report.Captions[$type]
            if ($null -eq $table) { $table = $Report.Captions[$type] = Get-KanadeReportCaption -TypeName $type }
            if ($table -ne $Report.Table -and ($Report.Format -eq 'Html' -or $null -eq $Report.Table)) {
                Write-KanadeReportRow -Report $Report -Row $ready
                $ready.Clear()
                $columns = $Report.Property
                if ($columns.Count -eq 0) { $columns = @(foreach ($one in $item.PSObject.Properties) { $one.Name }) }
                Open-KanadeReportTable -Report $Report -Caption $table -Column $columns
            }
        }
        if ($Report.Format -eq 'Json') {
            $null = $ready.Add($item)
            continue
        }
        $places = $Report.Places
        $cells = New-Object -TypeName 'object[]' -ArgumentList $places.Count
        foreach ($one in $item.PSObject.Properties) {
            $place = $places[$one.Name]
            if ($null -ne $place) { $cells[$place] = $one.Value }
            elseif ($Report.Property.Count -eq 0) { $null = $Report.LeftOut.Add($one.Name) }
        }
        $null = $ready.Add($cells)
    }
    Write-KanadeReportRow -Report $Report -Row $ready
}

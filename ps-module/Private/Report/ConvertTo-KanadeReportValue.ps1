# A value as a report in JSON has it: text, numbers, booleans, null, lists and tables of these; times as the API writes them. What is
# none of these is shown as its text.
function ConvertTo-KanadeReportValue {
    [CmdletBinding()]
    param(
        [AllowNull()][object] $Value,
        [int] $Depth = 0
    )

    if ($null -eq $Value) { return $null }
    $base = $Value.PSObject.BaseObject
    if ($base -is [bool]) { return $base }
    if ($base -is [datetime]) { return ConvertTo-KanadeInstant -Value $base }
    if ($base -is [System.DateTimeOffset]) { return ConvertTo-KanadeReportValue -Value $base.UtcDateTime }
    if ($base -is [double] -or $base -is [single]) {
        if ([double]::IsNaN($base) -or [double]::IsInfinity($base)) { return $base.ToString([cultureinfo]::InvariantCulture) }
        return $base
    }
    if ($base -is [valuetype] -and $base -isnot [enum] -and [System.Type]::GetTypeCode($base.GetType()) -in 'Byte', 'SByte', 'Int16', 'UInt16', 'Int32', 'UInt32', 'Int64', 'UInt64', 'Decimal') { return $base }
    # Text is copied: Windows PowerShell would write what came down a pipeline as an object.
    if ($base -is [string] -or $Depth -ge 16) { return [string]::new("$base".ToCharArray()) }
    if ($base -is [System.Collections.IDictionary]) {
        $table = [ordered] @{}
        foreach ($key in $base.Keys) { $table["$key"] = ConvertTo-KanadeReportValue -Value $base[$key] -Depth ($Depth + 1) }
        return $table
    }
    if ($base -is [System.Collections.IEnumerable]) {
        $list = New-Object -TypeName System.Collections.ArrayList
        foreach ($item in $base) { $null = $list.Add((ConvertTo-KanadeReportValue -Value $item -Depth ($Depth + 1))) }
        return , $list.ToArray()
    }
    if ($base -is [System.Management.Automation.PSCustomObject]) {
        $table = [ordered] @{}
        foreach ($property in $Value.PSObject.Properties) { $table[$property.Name] = ConvertTo-KanadeReportValue -Value $property.Value -Depth ($Depth + 1) }
        return $table
    }
    return "$base"
}

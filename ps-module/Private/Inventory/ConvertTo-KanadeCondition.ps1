# A condition in the parts of ConvertFrom-KanadeFilter as the API writes it.
function ConvertTo-KanadeCondition {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][System.Collections.IDictionary] $Filter)

    $absent = ''
    if ($Filter.Absent) { $absent = '!' }
    return $absent + (ConvertTo-KanadeSnakeCase -Name $Filter.Section) + '.' + (ConvertTo-KanadeSnakeCase -Name $Filter.Field) + $Filter.Operator + $Filter.Value
}

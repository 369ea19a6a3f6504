# A value as it travels to a PC: what JSON can say and nothing else. Everything is copied, because a string that came down a
# pipeline carries properties that ConvertTo-Json of Windows PowerShell would write as an object.
# Each array comes back behind a comma, so that one of a single item stays an array.
function ConvertTo-KanadeJsonValue {
    [CmdletBinding()]
    param(
        [AllowNull()][object] $Value,
        # How the admin would call it, for the error.
        [Parameter(Mandatory = $true)][string] $Name,
        [int] $Depth = 0
    )

    if ($Depth -gt 32) {
        throw (Get-KanadeErrorRecord -Code 'argument_not_supported' -Category InvalidArgument -TargetObject $Name -Message "$Name is nested too deeply.")
    }
    if ($Value -is [psobject]) { $base = $Value.PSObject.BaseObject } else { $base = $Value }
    if ($null -eq $base -or $base -is [System.Management.Automation.Internal.AutomationNull] -or $base -is [System.DBNull]) { return $null }
    if ($base -is [bool]) { return $base }
    if ($base -is [System.Management.Automation.SwitchParameter]) { return $base.IsPresent }
    if ($base -is [string]) { return [string]::new($base.ToCharArray()) }
    if ($base -is [char] -or $base -is [guid] -or $base -is [uri] -or $base -is [version] -or $base -is [enum] -or $base -is [timespan]) { return $base.ToString() }
    if ($base -is [datetime] -or $base -is [System.DateTimeOffset]) { return $base.ToString('o', [cultureinfo]::InvariantCulture) }
    if ($base -is [byte] -or $base -is [sbyte] -or $base -is [int16] -or $base -is [uint16] -or $base -is [int] -or $base -is [uint32]) { return $base }
    if ($base -is [long] -or $base -is [uint64]) {
        # The numbers of JSON that arrive as they are.
        if ($base -le 9007199254740991 -and $base -ge -9007199254740991) { return $base }
        throw (Get-KanadeErrorRecord -Code 'argument_not_supported' -Category InvalidArgument -TargetObject $Name -Message "$Name is ${base}: beyond 9007199254740991 numbers lose digits on their way. Pass it as text.")
    }
    if ($base -is [double] -or $base -is [single] -or $base -is [decimal]) {
        $number = [double] $base
        if (-not [double]::IsNaN($number) -and -not [double]::IsInfinity($number)) { return $number }
    }
    if ($base -is [System.Collections.IDictionary]) {
        $table = [ordered] @{}
        foreach ($key in $base.Keys) { $table["$key"] = ConvertTo-KanadeJsonValue -Value $base[$key] -Name "$Name.$key" -Depth ($Depth + 1) }
        return $table
    }
    if ($base -is [System.Collections.IEnumerable]) {
        $list = New-Object -TypeName System.Collections.ArrayList
        foreach ($item in $base) { $null = $list.Add((ConvertTo-KanadeJsonValue -Value $item -Name "$Name[$($list.Count)]" -Depth ($Depth + 1))) }
        return , $list.ToArray()
    }
    if ($base -is [System.Management.Automation.PSCustomObject]) {
        $table = [ordered] @{}
        foreach ($property in $Value.PSObject.Properties) { $table[$property.Name] = ConvertTo-KanadeJsonValue -Value $property.Value -Name "$Name.$($property.Name)" -Depth ($Depth + 1) }
        return $table
    }
    throw (Get-KanadeErrorRecord -Code 'argument_not_supported' -Category InvalidArgument -TargetObject $Name -Message "$Name is a $($base.GetType().FullName): to a PC go text, numbers, booleans, dates, arrays, hashtables and custom objects. Pass the properties that are needed.")
}

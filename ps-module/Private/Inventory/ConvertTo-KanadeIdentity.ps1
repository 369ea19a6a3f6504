# A maker, model or serial number; what a board maker has put where the PC's maker should have filled it in is $null.
function ConvertTo-KanadeIdentity {
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()][object] $Value)

    $text = ConvertTo-KanadeText -Value $Value
    if ($null -eq $text) { return $null }
    $dummies = @(
        'To be filled by O.E.M.', 'To be filled by OEM', 'Default string', 'Default', 'System Serial Number', 'Chassis Serial Number', 'Base Board Serial Number'
        'Board Serial Number', 'SerialNumber', 'Serial Number', 'SerNum', 'System manufacturer', 'System Product Name', 'System Version', 'System Family', 'Product Name'
        'Base Board Product Name', 'OEM', 'O.E.M.', 'SKU', 'Type1Family', 'Type1ProductConfigId', 'None', 'N/A', 'NA', 'Not Specified', 'Not Applicable', 'Not Available'
        'Not Settable', 'Unknown', 'Undefined', 'Invalid', 'Empty', 'INVALID', 'Filled by OEM', 'No Asset Tag', '123456789', '1234567890', '0123456789', '12345678'
        '03000200-0400-0500-0006-000700080009'
    )
    if ($dummies -contains $text) { return $null }
    # Nothing but one character again and again, such as 0000, FFFFFFFF-FFFF, ........ or xxxxxxx.
    if ($text -match '^[\s.\-_:]*(.)(?:[\s.\-_:]|\1)*$') { return $null }
    return $text
}

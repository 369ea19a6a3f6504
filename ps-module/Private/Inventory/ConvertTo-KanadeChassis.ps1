# What a PC is built as, of the types of SMBIOS: the first that says something.
function ConvertTo-KanadeChassis {
    [CmdletBinding()]
    [OutputType([string])]
    param([AllowNull()][object[]] $Type)

    $names = @{
        1 = 'other'; 3 = 'desktop'; 4 = 'low_profile_desktop'; 5 = 'pizza_box'; 6 = 'mini_tower'; 7 = 'tower'; 8 = 'portable'; 9 = 'laptop'; 10 = 'notebook'
        11 = 'hand_held'; 12 = 'docking_station'; 13 = 'all_in_one'; 14 = 'sub_notebook'; 15 = 'space_saving'; 16 = 'lunch_box'; 17 = 'server'; 23 = 'rack_mount'
        24 = 'sealed_case'; 28 = 'blade'; 29 = 'blade_enclosure'; 30 = 'tablet'; 31 = 'convertible'; 32 = 'detachable'; 33 = 'iot_gateway'; 34 = 'embedded'
        35 = 'mini_pc'; 36 = 'stick_pc'
    }
    foreach ($item in $Type) {
        $number = 0
        if ([int]::TryParse("$item", [ref] $number) -and $names.ContainsKey($number)) { return $names[$number] }
    }
}

# Every row of these sections of all PCs, each section as a table with every field that any PC has.
function Add-KanadeReportSection {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $Report,
        [Parameter(Mandatory = $true)][string[]] $Section,
        [string] $Group
    )

    $query = @{}
    if ($Group) { $query.group = $Group }
    foreach ($name in $Section) {
        $known = Resolve-KanadeSection -Name $name
        # As the first row has them, and then what only others have.
        $fields = @($known.fields | ForEach-Object -Process { ConvertTo-KanadePascalCase -Name $_ })
        $table = @{ Report = $Report; Caption = ConvertTo-KanadePascalCase -Name $known.section; Property = @('ComputerName') + $fields }
        $waiting = New-Object -TypeName System.Collections.ArrayList
        Invoke-KanadeRestMethod -Path ('/inventory/' + [uri]::EscapeDataString($known.section)) -Query $query -All |
            ConvertTo-KanadeInventoryRow -Section $known.section |
            ForEach-Object -Process {
                if ($Report.Table -ne $table.Caption -and $waiting.Count -eq 0) {
                    $own = @($_.PSObject.Properties | ForEach-Object -Process { $_.Name })
                    $table.Property = $own + @($fields | Where-Object -FilterScript { $_ -notin $own })
                }
                $null = $waiting.Add($_)
                if ($waiting.Count -lt $Report.Together) { return }
                Add-KanadeReportRow @table -Row $waiting
                $waiting.Clear()
            }
        Add-KanadeReportRow @table -Row $waiting
    }
}

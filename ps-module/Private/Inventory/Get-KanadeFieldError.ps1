# What is said of a condition whose field no PC has.
function Get-KanadeFieldError {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        # In the parts of ConvertFrom-KanadeFilter.
        [Parameter(Mandatory = $true)][hashtable] $Filter,
        [Parameter(Mandatory = $true)][string] $Section,
        # Those there are, as the API calls them.
        [Parameter(Mandatory = $true)][string[]] $Field
    )

    $names = @($Field | ForEach-Object -Process { ConvertTo-KanadePascalCase -Name $_ }) -join ', '
    return "'$($Filter.Text)': no PC has a field '$($Filter.Field)' in its section $Section. There are $names."
}

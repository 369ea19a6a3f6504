# What the agent asks first: the names of the sections that this PC has, as one line of JSON.
function Get-KanadeInventorySupport {
    [CmdletBinding()]
    [OutputType([string])]
    param()

    ConvertTo-KanadeAsciiJson -Value @(Get-KanadeInventoryName)
}

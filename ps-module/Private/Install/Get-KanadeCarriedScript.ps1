# A function of the module as a script block for another PC, where there is no module: with the functions that it calls. Its parameters
# are one hashtable.
function Get-KanadeCarriedScript {
    [CmdletBinding()]
    [OutputType([scriptblock])]
    param(
        [Parameter(Mandatory = $true)][string] $Name,
        # Those that it calls, and those that they call.
        [string[]] $With = @()
    )

    $functions = foreach ($one in @($With) + $Name) { "function $one {`n$((Get-Command -Name $one -CommandType Function).Definition)`n}" }
    return [scriptblock]::Create("param([hashtable] `$Argument)`n$($functions -join "`n")`n$Name @Argument")
}

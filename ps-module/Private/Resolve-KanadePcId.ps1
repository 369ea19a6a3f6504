# The id of a PC from its name, or nothing when it cannot be one, which has been said.
function Resolve-KanadePcId {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][System.Management.Automation.PSCmdlet] $Cmdlet,
        [AllowEmptyString()][string] $Name
    )

    $pc = ConvertTo-KanadePcId -Name $Name
    if ($pc) { return $pc }
    $Cmdlet.WriteError((Get-KanadeErrorRecord -Code 'invalid_id' -Category InvalidArgument -TargetObject $Name -Message "'$Name' is not the name of a PC."))
}

# Dot-source it in BeforeAll, after the module is imported.

# Calls a function that the module keeps for itself. An array comes back as it is.
function Invoke-Private([string] $Name, [hashtable] $With = @{}) {
    $value = & (Get-Module -Name Kanade) { param($Name, $With) $value = & $Name @With; , $value } $Name $With
    , $value
}

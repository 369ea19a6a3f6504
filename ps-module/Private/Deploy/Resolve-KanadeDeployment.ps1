# The package that is to be given to PCs, what it says of itself, and the folder in which what is made of it goes; or what stands against it.
function Resolve-KanadeDeployment {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory = $true)][string] $MsiPath,
        [Parameter(Mandatory = $true)][string] $Path,
        [string] $Server,
        [string] $Token,
        [switch] $Force,
        [Parameter(Mandatory = $true)][System.Management.Automation.SessionState] $SessionState
    )

    $msi = $SessionState.Path.GetUnresolvedProviderPathFromPSPath($MsiPath)
    if (-not [System.IO.File]::Exists($msi)) {
        throw (Get-KanadeErrorRecord -Code 'file_not_found' -Category ObjectNotFound -TargetObject $MsiPath -Message "There is no file '$msi'.")
    }
    $folder = $SessionState.Path.GetUnresolvedProviderPathFromPSPath($Path)
    if (-not $Force -and [System.IO.Directory]::Exists($folder) -and [System.IO.Directory]::GetFileSystemEntries($folder).Length -gt 0) {
        throw (Get-KanadeErrorRecord -Code 'file_exists' -Category ResourceExists -TargetObject $Path -Message "'$folder' is there already, and not empty: -Force writes into it.")
    }
    # These go into a command line and a script as they are.
    foreach ($said in @(@($Server, '^https://[^\s"''`%&|<>^]+$', 'https://host:port'), @($Token, '^ket_[\w-]+$', 'an enrolment token'))) {
        if ($said[0] -and $said[0] -notmatch $said[1]) {
            throw (Get-KanadeErrorRecord -Code 'invalid_argument' -Category InvalidArgument -TargetObject $said[2] -Message "What is given is not $($said[2]).")
        }
    }
    try {
        $property = Get-KanadeMsiProperty -Path $msi
    } catch {
        throw (Get-KanadeErrorRecord -Code 'invalid_package' -Category InvalidData -TargetObject $MsiPath -Message "'$msi' cannot be read as a package: $($_.Exception.GetBaseException().Message)")
    }
    if ("$($property['ProductVersion'])" -notmatch '^\d+\.\d+\.\d+$' -or $property['ProductName'] -ne 'Kanade Agent') {
        throw (Get-KanadeErrorRecord -Code 'invalid_package' -Category InvalidData -TargetObject $MsiPath -Message "'$msi' is no package of the Kanade agent.")
    }
    $properties = ''
    if ($Server) { $properties += " SERVER_URL=$Server" }
    if ($Token) { $properties += " ENROL_TOKEN=$Token" }
    return @{ Msi = $msi; Name = [System.IO.Path]::GetFileName($msi); Folder = $folder; Property = $property; Properties = $properties }
}

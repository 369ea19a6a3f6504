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
    $told = ''
    if ($Server) { $told = (Resolve-KanadeToldServer -Server $Server -Others $true).GetLeftPart([System.UriPartial]::Authority) }
    # These go into a command line and a script as they are. What is no token is not shown: it may be nearly one.
    if ($told -and $told -notmatch '\Ahttps://[^\s"''`%&|<>^]+\z') {
        throw (Get-KanadeErrorRecord -Code 'invalid_argument' -Category InvalidArgument -TargetObject $Server -Message "-Server is '$Server', which is not an address such as https://kanade.example.com:8480.")
    }
    if ($Token -and $Token -notmatch '\Aket_[\w-]+\z') {
        throw (Get-KanadeErrorRecord -Code 'invalid_argument' -Category InvalidArgument -TargetObject 'Token' -Message '-Token is not an enrolment token, ket_..., as New-KanadeEnrolmentToken shows it.')
    }
    if ([System.IO.Path]::GetFileName($msi) -notmatch '\A[A-Za-z0-9._() -]+\z') {
        throw (Get-KanadeErrorRecord -Code 'invalid_argument' -Category InvalidArgument -TargetObject $MsiPath -Message "'$msi' has a name with other letters than A-Z, 0-9, . _ ( ) - and space: give it a plain one.")
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
    if ($told) { $properties += " SERVER_URL=$told" }
    if ($Token) { $properties += " ENROL_TOKEN=$Token" }
    return @{ Msi = $msi; Name = [System.IO.Path]::GetFileName($msi); Folder = $folder; Property = $property; Properties = $properties }
}

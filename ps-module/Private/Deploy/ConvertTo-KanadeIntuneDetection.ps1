# Detection.xml of an .intunewin of a package of Windows Installer: what opens it, and what the portal fills in from it.
function ConvertTo-KanadeIntuneDetection {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [Parameter(Mandatory = $true)][hashtable] $Seal,
        [Parameter(Mandatory = $true)][hashtable] $Property
    )

    $about = [ordered] @{
        MsiProductCode                = $Property.ProductCode
        MsiProductVersion             = $Property.ProductVersion
        MsiPackageCode                = $Property.PackageCode
        MsiUpgradeCode                = $Property.UpgradeCode
        MsiExecutionContext           = 'System'
        MsiRequiresLogon              = 'false'
        MsiRequiresReboot             = 'false'
        MsiIsMachineInstall           = 'true'
        MsiIsUserInstall              = 'false'
        MsiIncludesServices           = 'true'
        MsiIncludesODBCDataSource     = 'false'
        MsiContainsSystemRegistryKeys = 'false'
        MsiContainsSystemFolders      = 'false'
        MsiPublisher                  = $Property.Manufacturer
    }
    $lines = @(
        '<?xml version="1.0" encoding="utf-8"?>'
        '<ApplicationInfo xmlns:xsd="http://www.w3.org/2001/XMLSchema" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ToolVersion="1.8.6.0">'
        "  <Name>$([System.Security.SecurityElement]::Escape($Seal.Name))</Name>"
        "  <UnencryptedContentSize>$($Seal.Size)</UnencryptedContentSize>"
        '  <FileName>IntunePackage.intunewin</FileName>'
        "  <SetupFile>$([System.Security.SecurityElement]::Escape($Seal.Name))</SetupFile>"
        '  <EncryptionInfo>'
        foreach ($name in 'EncryptionKey', 'MacKey', 'InitializationVector', 'Mac') { "    <$name>$($Seal[$name])</$name>" }
        '    <ProfileIdentifier>ProfileVersion1</ProfileIdentifier>'
        "    <FileDigest>$($Seal.FileDigest)</FileDigest>"
        '    <FileDigestAlgorithm>SHA256</FileDigestAlgorithm>'
        '  </EncryptionInfo>'
        '  <MsiInfo>'
        foreach ($name in $about.Keys) { "    <$name>$([System.Security.SecurityElement]::Escape($about[$name]))</$name>" }
        '  </MsiInfo>'
        '</ApplicationInfo>'
    )
    return ($lines -join "`r`n") + "`r`n"
}

# How each volume is encrypted, and by what kinds of keys it opens; never a key or a recovery password.
function Get-KanadeWindowsBitLocker {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $class = @{ Reading = $Reading; ClassName = 'Win32_EncryptableVolume'; Namespace = 'root/cimv2/Security/MicrosoftVolumeEncryption' }
    $volumes = Read-KanadeCim @class -Property DeviceID, DriveLetter, ProtectionStatus
    if ($null -eq $volumes) { return $null }
    $protections = @{ 0 = 'off'; 1 = 'on'; 2 = 'unknown' }
    $conversions = @{ 0 = 'fully_decrypted'; 1 = 'fully_encrypted'; 2 = 'encrypting'; 3 = 'decrypting'; 4 = 'encryption_paused'; 5 = 'decryption_paused' }
    $methods = @{ 0 = 'none'; 1 = 'aes_128_diffuser'; 2 = 'aes_256_diffuser'; 3 = 'aes_128'; 4 = 'aes_256'; 5 = 'hardware'; 6 = 'xts_aes_128'; 7 = 'xts_aes_256' }
    $kinds = @{
        0 = 'unknown'; 1 = 'tpm'; 2 = 'external_key'; 3 = 'recovery_password'; 4 = 'tpm_pin'; 5 = 'tpm_startup_key'; 6 = 'tpm_pin_startup_key'
        7 = 'public_key'; 8 = 'password'; 9 = 'tpm_certificate'; 10 = 'sid'
    }
    foreach ($volume in $volumes) {
        $one = $class + @{ Filter = "DeviceID='$("$($volume.DeviceID)".Replace('\', '\\'))'" }
        $conversion = $null; $percent = $null; $method = $null; $protectors = $null
        $status = Read-KanadeCimMethod @one -MethodName GetConversionStatus
        if ($null -ne $status) {
            $conversion = $conversions[[int] $status.ConversionStatus]
            $percent = $status.EncryptionPercentage
        }
        $encryption = Read-KanadeCimMethod @one -MethodName GetEncryptionMethod
        if ($null -ne $encryption) {
            $method = $methods[[int] $encryption.EncryptionMethod]
            if ($null -eq $method) { $method = 'unknown' }
        }
        # 0: of every kind.
        $keys = Read-KanadeCimMethod @one -MethodName GetKeyProtectors -Arguments @{ KeyProtectorType = [uint32] 0 }
        if ($null -ne $keys) {
            $protectors = @(Get-KanadeOrdinal -Value @(foreach ($id in $keys.VolumeKeyProtectorID) {
                        if (-not $id) { continue }
                        $kind = Read-KanadeCimMethod @one -MethodName GetKeyProtectorType -Arguments @{ VolumeKeyProtectorID = $id }
                        if ($null -ne $kind) { $kinds[[int] $kind.KeyProtectorType] }
                    }))
        }
        $name = ConvertTo-KanadeText -Value $volume.DriveLetter
        if ($null -eq $name) { $name = $volume.DeviceID }
        [pscustomobject] @{
            Name          = $name
            Protection    = $protections[[int] $volume.ProtectionStatus]
            Conversion    = $conversion
            Percent       = $percent
            Method        = $method
            KeyProtectors = $protectors
        }
    }
}

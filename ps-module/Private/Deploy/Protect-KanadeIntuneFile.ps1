# Encrypts a file as Intune has it: HMAC-SHA256 of what follows, IV, AES-256-CBC. Gives what opens it, each as Base64.
function Protect-KanadeIntuneFile {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory = $true)][string] $Path,
        [Parameter(Mandatory = $true)][string] $Destination
    )

    $sha = [System.Security.Cryptography.SHA256]::Create()
    $from = [System.IO.File]::OpenRead($Path)
    $to = [System.IO.File]::Create($Destination)
    $aes = [System.Security.Cryptography.Aes]::Create()
    try {
        $digest = $sha.ComputeHash($from)
        $derived = @{}
        foreach ($name in 'encryption key', 'mac key', 'initialization vector') {
            $derived[$name] = $sha.ComputeHash([System.Text.Encoding]::ASCII.GetBytes("kanade intunewin $name ") + $digest)
        }
        $aes.Key = $derived['encryption key']
        $aes.IV = [byte[]] $derived['initialization vector'][0..15]
        $from.Position = 0
        $to.Write((New-Object -TypeName 'byte[]' -ArgumentList 32), 0, 32)
        $to.Write($aes.IV, 0, 16)
        $encryptor = $aes.CreateEncryptor()
        $through = New-Object -TypeName System.Security.Cryptography.CryptoStream -ArgumentList $to, $encryptor, ([System.Security.Cryptography.CryptoStreamMode]::Write)
        $from.CopyTo($through)
        $through.FlushFinalBlock()
        $to.Position = 32
        $hmac = New-Object -TypeName System.Security.Cryptography.HMACSHA256 -ArgumentList (, $derived['mac key'])
        $mac = $hmac.ComputeHash($to)
        $to.Position = 0
        $to.Write($mac, 0, 32)
        return @{
            EncryptionKey        = [convert]::ToBase64String($aes.Key)
            MacKey               = [convert]::ToBase64String($derived['mac key'])
            InitializationVector = [convert]::ToBase64String($aes.IV)
            Mac                  = [convert]::ToBase64String($mac)
            FileDigest           = [convert]::ToBase64String($digest)
        }
    } finally {
        $to.Dispose()
        $from.Dispose()
        $aes.Dispose()
        $sha.Dispose()
    }
}

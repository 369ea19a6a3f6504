# The PEM of a CA out of a file, nothing else that may stand there with it: a key does not belong into memory, nor into a context.
function Read-KanadeCa {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][string] $LiteralPath)

    try {
        $found = @(ConvertFrom-KanadePem -Text ([System.IO.File]::ReadAllText($LiteralPath)))
        if ($found.Count -eq 0) { throw 'there is no certificate in PEM in it.' }
    } catch {
        throw (Get-KanadeErrorRecord -Code 'ca_unreadable' -Category InvalidData -TargetObject $LiteralPath -InnerException $_.Exception -Message "The CA in '$LiteralPath' cannot be read: $($_.Exception.Message)")
    }
    $blocks = foreach ($certificate in $found) {
        "-----BEGIN CERTIFICATE-----`n$([Convert]::ToBase64String($certificate.RawData, 'InsertLineBreaks'))`n-----END CERTIFICATE-----"
    }
    return $blocks -join "`n"
}

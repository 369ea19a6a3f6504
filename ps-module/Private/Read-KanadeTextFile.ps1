# The text of a file that an admin has written. The agent gets a script as UTF-8 and writes those bytes, so a byte order mark stays in the text: a
# signature covers it.
function Read-KanadeTextFile {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][string] $LiteralPath)

    $bytes = [System.IO.File]::ReadAllBytes($LiteralPath)
    $mark = [System.BitConverter]::ToString($bytes, 0, [Math]::Min(3, $bytes.Length))
    if ($mark -like 'FF-FE*') { $encoding = [System.Text.Encoding]::Unicode }
    elseif ($mark -like 'FE-FF*') { $encoding = [System.Text.Encoding]::BigEndianUnicode }
    else {
        $strict = New-Object -TypeName System.Text.UTF8Encoding -ArgumentList $false, $true
        try {
            return $strict.GetString($bytes)
        } catch [System.Text.DecoderFallbackException] {
            $encoding = Get-KanadeAnsiEncoding
            Write-Warning -Message "$LiteralPath is not UTF-8: it is read in the code page $($encoding.CodePage) of this PC. Save it as UTF-8 to be sure of its characters."
        }
    }
    $text = $encoding.GetString($bytes).TrimStart([char] 0xFEFF)
    if ($text.Contains('# SIG # Begin signature block')) {
        throw (Get-KanadeErrorRecord -Code 'signed_not_utf8' -Category InvalidData -TargetObject $LiteralPath -Message "$LiteralPath is signed and not UTF-8: sent as UTF-8 its signature would not hold. Save it as UTF-8 and sign it again.")
    }
    return $text
}

# The line that installs the agent on a PC that knows nothing yet. The script is fetched from whoever answers, and run only when it is the
# one whose hash the line has: so curl need not know the certificate (-k), and is there since Windows 10 1803. With -Token in
# it the line is one that PSReadLine leaves out of its history.
function Format-KanadeInstallCommand {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        # Without a slash at its end.
        [Parameter(Mandatory = $true)][string] $Server,
        [Parameter(Mandatory = $true)][string] $Token,
        # Of the script.
        [Parameter(Mandatory = $true)][string] $Sha256,
        [switch] $RequireSignature
    )

    # They stand bare in it: whatever else they hold would be run.
    if ($Server -notmatch '\Ahttps?://[A-Za-z0-9._:\[\]-]+\z') { throw (Get-KanadeErrorRecord -Code 'invalid_server' -Category InvalidArgument -TargetObject $Server -Message "'$Server' cannot stand in a command: say its name in letters of ASCII.") }
    if ($Token -notmatch '\Aket_[A-Za-z0-9_-]+\z') { throw (Get-KanadeErrorRecord -Code 'invalid_token' -Category InvalidArgument -Message 'What was said as the enrolment token is none.') }
    if ($Sha256 -notmatch '\A[0-9a-f]{64}\z') { throw (Get-KanadeErrorRecord -Code 'invalid_server' -Category InvalidData -TargetObject $Server -Message 'What the server says is no SHA-256.') }
    $line = "`$s = (curl.exe -kfsS $Server/install.ps1) -join `"``n`"; if ((Get-FileHash -InputStream ([IO.MemoryStream][Text.Encoding]::UTF8.GetBytes(`$s))).Hash -ne '$Sha256') { throw 'Not the script that was meant.' }; & ([scriptblock]::Create(`$s)) -Server $Server -Token $Token"
    if ($RequireSignature) { $line += ' -RequireSignature' }
    return $line
}

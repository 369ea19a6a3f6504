# Installs the Kanade agent %VERSION% on this PC: what the line of New-KanadeInstallCommand runs.
#   & ([scriptblock]::Create(<this text>)) <server> <enrolment token> [-RequireSignature]
# The line has compared this text with the SHA-256 in it, and this text compares the package with its own. So it does not matter who answers
# at the server's address, nor that this PC does not know its certificate yet; the token goes to nobody but the agent, which knows by it
# whose CA it is to believe.
param(
    [Parameter(Mandatory = $true)][ValidatePattern('\Ahttps?://[A-Za-z0-9._:\[\]-]+\z')][string] $Server,
    [Parameter(Mandatory = $true)][ValidatePattern('\Aket_[A-Za-z0-9_-]+\z')][string] $Token,
    [switch] $RequireSignature
)

$ErrorActionPreference = 'Stop'
$sha256 = '%SHA256%'
$name = 'kanade-agent-%VERSION%-x64.msi'
$system = [System.Environment]::SystemDirectory
$id = [guid]::NewGuid().ToString('n')
# Where users can put nothing in its place.
$folder = [System.IO.Path]::Combine([System.Environment]::GetFolderPath('ProgramFiles'), "kanade-install-$id")
try {
    $null = [System.IO.Directory]::CreateDirectory($folder)
} catch [System.UnauthorizedAccessException] {
    throw 'Only an administrator installs: start PowerShell as administrator.'
}
$stream = $null
try {
    $package = [System.IO.Path]::Combine($folder, $name)
    # Again while as many download as may at once.
    & ([System.IO.Path]::Combine($system, 'curl.exe')) -kfsS --retry 20 --retry-delay 15 --max-filesize %SIZE% -o $package "$Server/api/v1/releases/files/$sha256"
    if ($LASTEXITCODE -eq 22) { throw "$Server refuses the package, or too many download at once: try again in a few minutes." }
    if ($LASTEXITCODE -ne 0) { throw "The package did not come from $Server (curl ended with $LASTEXITCODE)." }

    # Open until it is installed: meanwhile nobody writes into it.
    $stream = New-Object -TypeName System.IO.FileStream -ArgumentList $package, 'Open', 'Read', 'Read'
    $found = (Get-FileHash -InputStream $stream -Algorithm SHA256).Hash
    if ($found -ne $sha256) { throw "What came is not the package that was meant: it has the SHA-256 $found." }
    $signature = Get-AuthenticodeSignature -LiteralPath $package
    if ("$($signature.Status)" -ne 'Valid' -and ($RequireSignature -or "$($signature.Status)" -ne 'NotSigned')) {
        throw "The signature of the package does not count here: $($signature.Status): $($signature.StatusMessage)"
    }

    $log = [System.IO.Path]::Combine([System.IO.Path]::GetTempPath(), "kanade-agent-$id.log")
    $key = 'HKLM:\SOFTWARE\Kanade\Agent'
    $before = Get-ItemProperty -LiteralPath $key -ErrorAction SilentlyContinue | ForEach-Object { $_.Version }
    $start = New-Object -TypeName System.Diagnostics.ProcessStartInfo
    $start.FileName = [System.IO.Path]::Combine($system, 'msiexec.exe')
    # Neither r nor v: with them the log has what goes into the registry, and so the token.
    $start.Arguments = "/i `"$package`" /qn /norestart /liweaucmo `"$log`" SERVER_URL=`"$Server`" ENROL_TOKEN=`"$Token`""
    $start.UseShellExecute = $false
    $process = [System.Diagnostics.Process]::Start($start)
    $process.WaitForExit()
    if ($process.ExitCode -in 0, 3010, 1641 -and $before -eq '%VERSION%') {
        # Of a product that is there already Windows Installer writes nothing that it is told; and the token is nobody else's to read.
        $others = 'The agent %VERSION% was here already, and was not told the token: others than SYSTEM and administrators can read its key. Remove it, and try again.'
        if ((Get-Acl -LiteralPath $key).Sddl -cnotmatch 'D:[A-Z]*(\([^()]*;;;(SY|BA)\))+\z') { throw $others }
        Set-ItemProperty -LiteralPath $key -Name Server -Value $Server
        Set-ItemProperty -LiteralPath $key -Name EnrolmentToken -Value $Token
    }
    switch ($process.ExitCode) {
        0 { "The Kanade agent %VERSION% is installed." }
        { $_ -in 3010, 1641 } { "The Kanade agent %VERSION% is installed; Windows is to be restarted." }
        1618 { throw 'Another installation runs on this PC: try again once it has ended.' }
        default { throw "msiexec ended with $_, and nothing was changed. Why, says $log, at its first line with 'Return value 3'." }
    }
} finally {
    if ($null -ne $stream) { $stream.Dispose() }
    [System.IO.Directory]::Delete($folder, $true)
}

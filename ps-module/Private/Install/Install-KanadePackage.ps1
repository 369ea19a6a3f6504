# On the PC itself: installs the package if it is the one that is meant, and tells what is there then. Fault says why it did not; its
# folder is gone either way.
function Install-KanadePackage {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param(
        [Parameter(Mandatory = $true)][string] $Path,
        [Parameter(Mandatory = $true)][string] $Sha256,
        # One without a signature is refused too.
        [Parameter(Mandatory = $true)][bool] $RequireSignature,
        # The command line of msiexec.
        [Parameter(Mandatory = $true)][string] $Argument,
        # What the agent is told by it, by the names in the registry.
        [Parameter(Mandatory = $true)][hashtable] $Setting,
        [Parameter(Mandatory = $true)][double] $BusyTimeoutSec
    )

    $said = @{ Fault = $null; Detail = $null; ExitCode = $null; Before = $null; Version = $null; Service = $null }
    $stream = $null
    try {
        # Open until it is installed: meanwhile nobody writes into it, or puts another in its place.
        $stream = New-Object -TypeName System.IO.FileStream -ArgumentList $Path, 'Open', 'Read', 'Read'
        $sha = [System.Security.Cryptography.SHA256]::Create()
        $found = [System.BitConverter]::ToString($sha.ComputeHash($stream)).Replace('-', '').ToLowerInvariant()
        $sha.Dispose()
        if ($found -ne $Sha256) {
            $said.Fault = 'hash_mismatch'
            $said.Detail = "it has the SHA-256 $found, not $Sha256"
            return $said
        }
        $signature = Get-KanadeFileSignature -LiteralPath $Path
        if ($signature.Status -ne 'Valid' -and ($RequireSignature -or $signature.Status -ne 'NotSigned')) {
            $said.Fault = 'signature_refused'
            $said.Detail = "$($signature.Status): $($signature.Message) $($signature.Signer)".Trim()
            return $said
        }
        $said.Before = (Get-KanadeMachineValue -Path 'SOFTWARE\Kanade\Agent')['Version']
        $there = @(Find-KanadeProduct)
        $said.ExitCode = Wait-KanadeMsiexec -Argument $Argument -BusyTimeoutSec $BusyTimeoutSec
        $said.Version = (Get-KanadeMachineValue -Path 'SOFTWARE\Kanade\Agent')['Version']
        $said.Service = Get-KanadeServiceState
        # Of a product that is there already Windows Installer writes nothing that it is told. With another one it has, and the agent may
        # have used and deleted the token by now.
        $new = @(Find-KanadeProduct | Where-Object -FilterScript { $_ -notin $there })
        if ($said.ExitCode -in 0, 3010, 1641 -and $there.Count -gt 0 -and $new.Count -eq 0 -and $Setting.Count -gt 0) {
            if (-not (Set-KanadeAgentSetting -Value $Setting)) { $said.Fault = 'settings_readable' }
        }
        return $said
    } finally {
        if ($null -ne $stream) { $stream.Dispose() }
        [System.IO.Directory]::Delete([System.IO.Path]::GetDirectoryName($Path), $true)
    }
}

# Packages of Debian and its like.
function Get-KanadeLinuxSoftware {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([Parameter(Mandatory = $true)][psobject] $Reading)

    $lines = Read-KanadeSource -Reading $Reading -Source 'dpkg-query' -Read {
        param($TimeoutSec)
        $format = '${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\t${Maintainer}\n'
        Invoke-KanadeNative -FilePath 'dpkg-query' -Arguments "--show --showformat `"$format`"" -TimeoutSec $TimeoutSec -Encoding ([System.Text.Encoding]::UTF8)
    }
    if ($null -eq $lines) { return $null }
    # The list of a package's files is written when it is installed or upgraded.
    $written = @{}
    $files = Read-KanadeSource -Reading $Reading -Source '/var/lib/dpkg/info' -Read {
        param($TimeoutSec)
        Invoke-KanadeBounded -TimeoutSec $TimeoutSec -ScriptBlock { (New-Object -TypeName System.IO.DirectoryInfo -ArgumentList '/var/lib/dpkg/info').EnumerateFiles('*.list') }
    }
    foreach ($file in $files) {
        $written[[System.IO.Path]::GetFileNameWithoutExtension($file.Name)] = $file.LastWriteTimeUtc.ToString('yyyy-MM-dd', [cultureinfo]::InvariantCulture)
    }
    $architectures = @{ amd64 = 'x64'; i386 = 'x86'; arm64 = 'arm64' }
    foreach ($line in $lines) {
        $state, $name, $version, $architecture, $publisher = $line.Split("`t")
        # ii: it shall be installed, and is.
        if ($state -notlike '?i*') { continue }
        $date = $written[$name]
        if (-not $date) { $date = $written["${name}:$architecture"] }
        if ($architectures.ContainsKey($architecture)) { $architecture = $architectures[$architecture] }
        [pscustomobject] @{
            Name             = $name
            Version          = $version
            Publisher        = ConvertTo-KanadeText -Value $publisher
            InstallDate      = $date
            Architecture     = $architecture
            Scope            = 'machine'
            User             = $null
            InstallLocation  = $null
            UninstallCommand = $null
        }
    }
}

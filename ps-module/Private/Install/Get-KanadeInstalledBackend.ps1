# Where the backend that is installed on this server listens, what it is called, and where its files lie.
function Get-KanadeInstalledBackend {
    [CmdletBinding()]
    [OutputType([psobject])]
    param()

    $told = Get-KanadeMachineValue -Path 'SOFTWARE\Kanade\Backend'
    $data = [System.IO.Path]::Combine((Get-KanadeKnownFolder -Name CommonApplicationData), 'Kanade', 'Backend')
    $at = [regex]::Match("$($told['Listen'])", '\A(.*):(\d+)\z')
    $name = $at.Groups[1].Value
    $here = $name -match '\A(?:127\.|localhost\z|\[::1\]\z)'
    $scheme = if ($here -and $told['Tls'] -ne 'on') { 'http' } else { 'https' }
    # At a wildcard nobody can connect; its certificate is for this name too.
    $own = if ($name -in '0.0.0.0', '[::]') { 'localhost' } else { $name }
    $public = if ($here) { $own } elseif ($told['PublicName']) { "$($told['PublicName'])".Split(',')[0] } else { [System.Environment]::MachineName }
    $supplied = [bool] $told['TlsCert']
    $ca = if ($supplied) { $told['TlsCa'] } elseif ($scheme -eq 'https') { [System.IO.Path]::Combine($data, 'tls', 'ca.pem') } else { $null }
    [pscustomobject] @{
        Version        = $told['Version']
        Url            = "${scheme}://${public}:$($at.Groups[2].Value)"
        # As this server itself reaches it. A certificate of somebody's need not be for localhost.
        OwnUrl         = if ($supplied) { "${scheme}://${public}:$($at.Groups[2].Value)" } else { "${scheme}://${own}:$($at.Groups[2].Value)" }
        CaFile         = $ca
        AdminTokenFile = [System.IO.Path]::Combine($data, 'admin.token')
        LogFolder      = [System.IO.Path]::Combine($data, 'host', 'log')
    }
}

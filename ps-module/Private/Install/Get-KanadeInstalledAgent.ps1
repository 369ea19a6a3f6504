# On the PC itself: what is there to be removed, and as what the PC is enrolled. Fault says why it cannot be.
function Get-KanadeInstalledAgent {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param()

    $said = @{ Fault = $null; Product = @(); Version = $null; PcId = [System.Environment]::MachineName; LogPath = $null }
    if (-not (Get-KanadeKnownFolder -Name ProgramFiles)) {
        $said.Fault = 'windows_needed'
        return $said
    }
    if (-not (Test-KanadeElevation)) {
        $said.Fault = 'not_elevated'
        return $said
    }
    $said.Product = @(Find-KanadeProduct)
    if ($said.Product.Count -eq 0) { $said.Fault = 'not_installed' }
    foreach ($key in 'SOFTWARE\Kanade\Agent', 'SOFTWARE\Policies\Kanade\Agent') {
        $values = Get-KanadeMachineValue -Path $key
        if ($values['Version']) { $said.Version = $values['Version'] }
        if ($values['PcId']) { $said.PcId = $values['PcId'] }
    }
    $windows = Get-KanadeKnownFolder -Name Windows
    $said.LogPath = [System.IO.Path]::Combine($windows, 'Temp', "kanade-agent-$([guid]::NewGuid().ToString('n')).log")
    return $said
}

# Whether it is time to ask again for what need not be asked each time: a PC that was switched off or on meanwhile is noticed some seconds
# later. When it is, the next time is set.
function Test-KanadeLook {
    [CmdletBinding()]
    [OutputType([bool])]
    param(
        # As Get-KanadeWatch gives it.
        [Parameter(Mandatory = $true)][psobject] $Watch
    )

    # Seconds.
    $every = 5
    $now = $Watch.Clock.Elapsed.TotalSeconds
    if ($now -lt $Watch.LookAt) { return $false }
    $Watch.LookAt = $now + $every
    return $true
}

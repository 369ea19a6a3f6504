# What a script wrote, whole. The result holds it, or a preview when it was long or is no UTF-8: then the bytes are asked for,
# and when those are gone or no text the preview is the best there is.
function Get-KanadeOutput {
    [CmdletBinding()]
    [OutputType([hashtable])]
    param([Parameter(Mandatory = $true)][string] $ResultId)

    $output = @{ Stdout = $null; Stderr = $null }
    $path = '/results/' + [uri]::EscapeDataString($ResultId)
    $result = Invoke-KanadeRestMethod -Path $path -PassError
    if ($result -is [System.Management.Automation.ErrorRecord]) {
        # The state is known all the same, and that is what was waited for.
        Write-Warning -Message "What the result $ResultId holds cannot be read: $($result.Exception.Message)"
        return $output
    }
    foreach ($name in 'stdout', 'stderr') {
        $text = $result.$name
        if ($result."${name}_chunks" -gt 0) {
            $whole = Invoke-KanadeRestMethod -Path "$path/$name" -AsText -PassError
            if ($whole -is [System.Management.Automation.ErrorRecord]) {
                Write-Warning -Message "Of $($result.pc_id) only a preview of $name is shown: $($whole.Exception.Message)"
            } elseif ($null -ne $whole) {
                $text = $whole
            }
        }
        $output[$name] = $text
    }
    return $output
}

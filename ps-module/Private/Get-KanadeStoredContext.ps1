# What is stored of contexts, without their tokens.
function Get-KanadeStoredContext {
    [CmdletBinding()]
    [OutputType([psobject])]
    param([string] $Name = '*')

    $folder = Get-KanadeContextFolder
    if (-not [System.IO.Directory]::Exists($folder)) { return }
    foreach ($file in Get-ChildItem -LiteralPath $folder -Filter '*.json' | Sort-Object -Property Name) {
        if ($file.BaseName -notlike $Name) { continue }
        try {
            $said = ConvertFrom-KanadeJson -Text ([System.IO.File]::ReadAllText($file.FullName))
            [pscustomobject] @{
                Name             = $file.BaseName
                Server           = [uri] $said.server
                Ca               = $(if ($said.PSObject.Properties['ca']) { $said.ca })
                AllowUnencrypted = [bool] $said.allow_unencrypted
                Store            = $said.store
                Vault            = $said.vault
                Protected        = $said.token
                Path             = $file.FullName
            }
        } catch {
            Write-Warning -Message "The context $($file.BaseName) cannot be read: $_ Connect-Kanade -Name $($file.BaseName) -Save with -Server and -Token stores it anew."
        }
    }
}

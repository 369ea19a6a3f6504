Set-StrictMode -Version Latest

# Whom the session talks to; $null until Connect-Kanade.
$script:KanadeContext = $null

foreach ($folder in 'Private', 'Public') {
    foreach ($file in Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot $folder) -Filter '*.ps1') { . $file.FullName }
}

Set-StrictMode -Version Latest

# Where the module's files lie, those of functions too: merged into this one a function has no file of its own.
$script:KanadeRoot = $PSScriptRoot
# Whom the session talks to; $null until Connect-Kanade.
$script:KanadeContext = $null
# All it was connected with, by name.
$script:KanadeContexts = @{}
# What decides on the certificates of servers that are to come from a certain CA, by its PEM; see Get-KanadeCertificateCheck.
$script:KanadeCertificateChecks = @{}
# What was proposed a moment ago while somebody typed.
$script:KanadeCompletions = @{}
# What the backend has said of the fleet's sections, for a moment; see Get-KanadeFleetSection.
$script:KanadeFleetSections = $null
# The runspace in which what may hang is read; $null until something is, and after something has hung.
$script:KanadeReader = $null

# <files> build.ps1 puts the files themselves here.
$commands = foreach ($folder in 'Private', 'Public') {
    foreach ($file in Get-ChildItem -LiteralPath (Join-Path $PSScriptRoot $folder) -Filter '*.ps1' -Recurse) {
        . $file.FullName
        if ($folder -eq 'Public') { $file.BaseName }
    }
}
# </files>

# By the names of parameters, so that a new command has it without doing anything.
Register-KanadeCompleter -CommandName $commands

$ExecutionContext.SessionState.Module.OnRemove = {
    if ($null -ne $script:KanadeReader) { $script:KanadeReader.Dispose() }
}

# Runs <Job>\script.ps1 with the arguments of <Job>\job.json and exits with its exit code.
# The same for every script, ASCII only, for Windows PowerShell 5.1 and PowerShell 7, also in Constrained Language Mode:
# there the settings of the console cannot be changed (so each has a try of its own), and only core types have methods.
# Its variables are private, so that the script does not see them.
# Because of the try, an error that would end only its own statement (1/0, a method that throws, a missing command) ends the
# script, unless the script catches it: what went wrong is reported, never passed over.
# <Job>\result.json (as a user: the file that KANADE_RESULT_FILE names, which is there and empty): the language mode, and the
# error that ended the script. If it is missing or empty, this file was not run.
param([Parameter(Mandatory = $true)][string] $Job)

$private:KanadeFolder = $Job
Remove-Variable -Name Job
$private:KanadeMode = "$($ExecutionContext.SessionState.LanguageMode)"
$private:KanadeReport = "$KanadeFolder/result.json"
# As a user: the one file that he may write.
if ($env:KANADE_RESULT_FILE) { $KanadeReport = $env:KANADE_RESULT_FILE; Remove-Item -LiteralPath Env:KANADE_RESULT_FILE }
Set-Content -LiteralPath $KanadeReport -Value ('{"language_mode":"' + $KanadeMode + '"}') -Encoding ASCII

try { $OutputEncoding = [System.Text.UTF8Encoding]::new($false) } catch { $null = $_ }
try { [Console]::OutputEncoding = [System.Text.UTF8Encoding]::new($false) } catch { $null = $_ }
try { $PSStyle.OutputRendering = 'PlainText' } catch { $null = $_ }
$ProgressPreference = 'SilentlyContinue'

# The value that core/agent/run/job-file.ts has written. The comma keeps an array one object on its way out.
function ConvertFrom-KanadeValue($Value) {
    if ($null -eq $Value -or $Value -is [bool]) { return $Value }
    if ($Value -is [string]) {
        $Text = $Value.Substring(2)
        if ($Value[0] -eq 's') { return $Text }
        if ($Value[0] -eq 'i') { return [int]$Text }
        if ($Value[0] -eq 'l') { return [long]$Text }
        return [double]$Text
    }
    if ($Value[0] -eq 'a') {
        $Items = @(for ($i = 1; $i -lt $Value.Count; $i++) { , (ConvertFrom-KanadeValue $Value[$i]) })
        return , $Items
    }
    $Table = @{}
    for ($i = 1; $i -lt $Value.Count; $i += 2) { $Table[$Value[$i].Substring(2)] = ConvertFrom-KanadeValue $Value[$i + 1] }
    return $Table
}

$private:KanadeError = $null
$private:KanadeOk = $true
try {
    $private:KanadeJob = Get-Content -LiteralPath "$KanadeFolder/job.json" -Raw | ConvertFrom-Json
    $private:KanadeArgs = ConvertFrom-KanadeValue $KanadeJob.args
    $private:KanadeParams = ConvertFrom-KanadeValue $KanadeJob.params
    Remove-Item -LiteralPath function:ConvertFrom-KanadeValue
    try { $Error.Clear() } catch { $null = $_ }
    $global:LASTEXITCODE = 0
    # Objects of more than a few properties become a table only a moment later, or when Out-Default is told that it has them all: an
    # exit before that would lose them. So what ends the script is caught before Out-Default.
    . {
        try {
            & "$KanadeFolder/script.ps1" @KanadeArgs @KanadeParams
            $KanadeOk = $?
        } catch {
            $KanadeError = $_
        }
    } | Out-Default
} catch {
    $KanadeError = $_
}

if ($null -ne $KanadeError) {
    $private:KanadeRecord = @{
        message                  = "$($KanadeError.Exception.Message)"
        fully_qualified_error_id = "$($KanadeError.FullyQualifiedErrorId)"
        category                 = "$($KanadeError.CategoryInfo.Category)"
        exception_type           = "$($KanadeError.CategoryInfo.Reason)"
        script_stack_trace       = "$($KanadeError.ScriptStackTrace)"
        position                 = "$($KanadeError.InvocationInfo.PositionMessage)"
    }
    try { $KanadeRecord.exception_type = $KanadeError.Exception.GetType().FullName } catch { $null = $_ }
    @{ language_mode = $KanadeMode; error_record = $KanadeRecord } | ConvertTo-Json -Compress -Depth 3 |
        Set-Content -LiteralPath $KanadeReport -Encoding UTF8
    Write-Error -ErrorRecord $KanadeError -ErrorAction Continue
    exit 1
}
if (-not $KanadeOk -or $KanadeJob.failOnNative) { exit $global:LASTEXITCODE }
exit 0

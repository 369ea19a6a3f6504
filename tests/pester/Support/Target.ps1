# PCs for the commands that install on them: real sessions, to processes here, and functions in place of those of the module that touch
# Windows. Dot-source it in BeforeAll, after the module is imported.
$script:genuine = @{}

# A session as New-PSSession gives it.
function Open-Target {
    $runspace = [runspacefactory]::CreateOutOfProcessRunspace($null)
    $runspace.Open()
    [System.Management.Automation.Runspaces.PSSession]::Create($runspace, $null, $null)
}

# In place of a function of the module, here and where it is carried to: a mock would not go along.
function Use-Seam([string] $Name, [string] $Definition) {
    & (Get-Module -Name Kanade) {
        param($Genuine, $Name, $Definition)
        if (-not $Genuine.ContainsKey($Name)) { $Genuine[$Name] = (Get-Command -Name $Name -CommandType Function).Definition }
        Set-Item -Path "function:script:$Name" -Value ([scriptblock]::Create($Definition))
    } $script:genuine $Name $Definition
}

function Restore-Seam {
    & (Get-Module -Name Kanade) {
        param($Genuine)
        foreach ($name in $Genuine.Keys) { Set-Item -Path "function:script:$name" -Value ([scriptblock]::Create($Genuine[$name])) }
    } $script:genuine
    $script:genuine.Clear()
}

# A folder as the disk of a Windows that has the agent 1.2.3, whose msiexec ends with the next of these codes, and the last of them for ever.
function Use-Pc([string] $Disk, [int[]] $ExitCode = 0) {
    foreach ($folder in 'ProgramFiles', 'Windows/Temp', 'CommonApplicationData/Kanade/agent', 'CommonApplicationData/Kanade/host') { $null = New-Item -ItemType Directory -Path (Join-Path $Disk $folder) -Force }
    Use-Seam Get-KanadeKnownFolder "param([string] `$Name) '$Disk/' + `$Name"
    Use-Seam Get-KanadePlatform "'Windows'"
    Use-Seam Test-KanadeElevation '$true'
    Use-Seam Get-KanadeFileSignature 'param([string] $LiteralPath) @{ Status = "NotSigned"; Signer = $null; Message = "It is not signed." }'
    Use-Seam Get-KanadeMachineValue 'param([string] $Path) if ($Path -like "*Policies*") { @{} } else { @{ Version = "1.2.3"; Server = "https://kanade.example.com" } }'
    Use-Seam Get-KanadeServiceState '"Running"'
    Use-Seam Find-KanadeProduct '"{11111111-2222-3333-4444-555555555555}"'
    Use-Seam Set-KanadeAgentSetting "param([hashtable] `$Value) [System.IO.File]::WriteAllText('$Disk/told-' + `$PID, (ConvertTo-Json -InputObject `$Value -Compress)); `$true"
    # Each session by itself, and none before another has written.
    Use-Seam Invoke-KanadeMsiexec @"
param([string] `$Argument, `$Session)
`$mine = '$Disk/msiexec-' + `$PID
[System.IO.File]::AppendAllText(`$mine, `$Argument + "``n")
`$codes = @($($ExitCode -join ','))
`$codes[[Math]::Min([System.IO.File]::ReadAllLines(`$mine).Length, `$codes.Length) - 1]
"@
}

# What PCs were told beside msiexec.
function Get-Told([string] $Disk) {
    @(Get-ChildItem -Path $Disk -Filter 'told-*' | ForEach-Object -Process { Get-Content -LiteralPath $_.FullName -Raw | ConvertFrom-Json })
}

# The command lines that msiexec was given, of all PCs.
function Get-Msiexec([string] $Disk) {
    @(Get-ChildItem -Path $Disk -Filter 'msiexec-*' | ForEach-Object -Process { Get-Content -LiteralPath $_.FullName })
}

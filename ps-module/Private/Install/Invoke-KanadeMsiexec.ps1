# Runs msiexec, here or in a session, and gives its exit code. Nothing is decided here: this is what tests stand in for.
function Invoke-KanadeMsiexec {
    [CmdletBinding()]
    [OutputType([int])]
    param(
        [Parameter(Mandatory = $true)][string] $Argument,
        [AllowNull()][System.Management.Automation.Runspaces.PSSession] $Session
    )

    $run = {
        param([string] $Argument)
        $start = New-Object -TypeName System.Diagnostics.ProcessStartInfo
        $start.FileName = [System.IO.Path]::Combine([System.Environment]::SystemDirectory, 'msiexec.exe')
        $start.Arguments = $Argument
        $start.UseShellExecute = $false
        $start.CreateNoWindow = $true
        $process = [System.Diagnostics.Process]::Start($start)
        try {
            $process.WaitForExit()
            $process.ExitCode
        } finally {
            $process.Dispose()
        }
    }
    if ($null -eq $Session) { return [int] (& $run $Argument) }
    return [int] (Invoke-Command -Session $Session -ScriptBlock $run -ArgumentList $Argument -ErrorAction Stop)
}

# A job of PowerShell that waits for the results of what was submitted. A thread of this process when there is such a thing,
# which Windows PowerShell knows only with the module ThreadJob, else a process of its own.
function Start-KanadeWaitJob {
    [Diagnostics.CodeAnalysis.SuppressMessageAttribute('PSUseShouldProcessForStateChangingFunctions', '', Justification = 'It only waits.')]
    [CmdletBinding()]
    [OutputType([System.Management.Automation.Job])]
    param(
        # Wait-KanadeResult or Wait-KanadeRolloutResult.
        [Parameter(Mandatory = $true)][string] $Command,
        # What it waits for, by the names of its parameters.
        [Parameter(Mandatory = $true)][System.Collections.IDictionary] $With,
        [Parameter(Mandatory = $true)][string] $Name
    )

    $connection = Get-KanadeConnection
    # Made anew there from its text: nothing of this session goes with it but the arguments, the token protected.
    $work = {
        param($Manifest, $Server, $Token, $Ca, $Command, $With)
        Import-Module -Name $Manifest
        & (Get-Module -Name Kanade) {
            param($Server, $Token, $Ca, $Command, $With)
            $script:KanadeContext = [pscustomobject] @{ Server = [uri] $Server; Token = $Token; Ca = $Ca }
            & $Command @With
        } $Server $Token $Ca $Command $With
    }
    $start = @{
        Name         = $Name
        ScriptBlock  = $work
        ArgumentList = @((Join-Path -Path $MyInvocation.MyCommand.Module.ModuleBase -ChildPath 'Kanade.psd1'), $connection.Server.AbsoluteUri, $connection.Token, $connection.Ca, $Command, $With)
    }
    if (Get-Command -Name Start-ThreadJob -ErrorAction Ignore) { return Start-ThreadJob @start }
    return Start-Job @start
}

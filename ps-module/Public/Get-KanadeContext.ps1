function Get-KanadeContext {
    <#
    .SYNOPSIS
        Shows the backend this PowerShell session is connected with, or all that it could be.
    .DESCRIPTION
        Shows the address and since when; never the token. Without Connect-Kanade that is what KANADE_SERVER and KANADE_TOKEN say, under
        the name environment, and nothing when they are not set either. With
        -ListAvailable it shows every context of the session and every one that is stored: Current is the one that the commands
        talk to, Stored what protects the token on disk, if it is there.
    .PARAMETER Name
        The contexts of these names, also stored ones. Wildcards are allowed.
    .PARAMETER ListAvailable
        All contexts, also stored ones.
    .EXAMPLE
        Get-KanadeContext

        Shows where the next command will go.
    .EXAMPLE
        if (-not (Get-KanadeContext)) { Connect-Kanade -Name prod }

        Connects with the one that is stored as prod unless that is done.
    .EXAMPLE
        Get-KanadeContext -ListAvailable

        Shows what Connect-Kanade -Name can be told.
    .INPUTS
        None
    .OUTPUTS
        Kanade.Context
    #>
    [CmdletBinding(DefaultParameterSetName = 'Current')]
    [OutputType('Kanade.Context')]
    param(
        [Parameter(ParameterSetName = 'Name', Mandatory = $true, Position = 0)]
        [string[]] $Name,

        [Parameter(ParameterSetName = 'List', Mandatory = $true)]
        [switch] $ListAvailable
    )

    if ($PSCmdlet.ParameterSetName -eq 'Current') {
        $connection = $script:KanadeContext
        if ($null -eq $connection) {
            if (-not ($env:KANADE_SERVER -and $env:KANADE_TOKEN)) { return }
            try {
                $shown = ConvertTo-KanadeContext -Name 'environment' -Connection (Get-KanadeConnection) -Stored $null
            } catch {
                $PSCmdlet.ThrowTerminatingError($_)
            }
            $shown.Current = $true
            return $shown
        }
        $stored = Get-KanadeStoredContext -Name $connection.Name | Where-Object -FilterScript { $_.Server -eq $connection.Server }
        return ConvertTo-KanadeContext -Name $connection.Name -Connection $connection -Stored $stored
    }
    $all = @{}
    foreach ($stored in Get-KanadeStoredContext) { $all[$stored.Name] = $stored }
    $names = @(@($all.Keys) + @($script:KanadeContexts.Keys) | Sort-Object -Unique)
    if ($ListAvailable) { $Name = @('*') }
    foreach ($pattern in $Name) {
        $found = @($names | Where-Object -FilterScript { $_ -like $pattern })
        foreach ($one in $found) { ConvertTo-KanadeContext -Name $one -Connection $script:KanadeContexts[$one] -Stored $all[$one] }
        if ($found.Count -eq 0 -and -not [System.Management.Automation.WildcardPattern]::ContainsWildcardCharacters($pattern)) {
            $PSCmdlet.WriteError((Get-KanadeErrorRecord -Code 'context_not_found' -Category ObjectNotFound -TargetObject $pattern -Message "There is no context named '$pattern'."))
        }
    }
}

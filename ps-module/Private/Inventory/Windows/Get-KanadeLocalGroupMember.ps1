# The only function that asks ADSI: the members of a local group, as Path, Class and Sid. The group is found by its SID, because its
# name is translated. What the members' objects know of themselves is all that is asked for: anything else would ask a domain.
# Get-LocalGroupMember fails over the SID of a deleted account and is not there in 32 bits; Win32_GroupUser reads whole domains.
function Get-KanadeLocalGroupMember {
    [CmdletBinding()]
    param(
        [Parameter(Mandatory = $true)][string] $Sid,
        [Parameter(Mandatory = $true)][double] $TimeoutSec
    )

    Invoke-KanadeBounded -TimeoutSec $TimeoutSec -Parameter @{ Sid = $Sid } -ScriptBlock {
        param($Sid)
        $identifier = New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $Sid
        $name = $identifier.Translate([System.Security.Principal.NTAccount]).Value.Split('\')[-1]
        $group = [adsi] "WinNT://./$name,group"
        foreach ($member in @($group.PSBase.Invoke('Members'))) {
            $get = { param($Property) [System.__ComObject].InvokeMember($Property, [System.Reflection.BindingFlags]::GetProperty, $null, $member, $null) }
            $path = [string] (& $get 'ADsPath')
            $sidText = $null
            # Of what nobody can name any more the path is the SID.
            if ($path -match 'S-1-[\d-]+$') {
                $sidText = $Matches[0]
            } else {
                try {
                    $bytes = [byte[]] (& $get 'objectSid')
                    $sidText = (New-Object -TypeName System.Security.Principal.SecurityIdentifier -ArgumentList $bytes, 0).Value
                } catch {
                    # Without it a member is still a member.
                    $sidText = $null
                }
            }
            [pscustomobject] @{ Path = $path; Class = [string] (& $get 'Class'); Sid = $sidText }
        }
    }
}

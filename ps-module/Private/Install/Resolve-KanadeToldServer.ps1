# Where PCs are told to enrol: what was said, else the server of the session. A PC that is not this one does not get to a loopback address.
function Resolve-KanadeToldServer {
    [CmdletBinding()]
    [OutputType([uri])]
    param(
        [AllowEmptyString()][string] $Server,
        [psobject] $Connection,
        # Other PCs are told.
        [Parameter(Mandatory = $true)][bool] $Others
    )

    $told = if ($Server) { Resolve-KanadeServer -Server $Server } else { $Connection.Server }
    if ($Others -and $told.IsLoopback) {
        throw (Get-KanadeErrorRecord -Code 'loopback_server' -Category InvalidArgument -TargetObject "$told" -Message "$told is this PC itself wherever it is asked: say -Server with the name by which other PCs reach the backend.")
    }
    return [uri] $told.GetLeftPart([System.UriPartial]::Authority)
}

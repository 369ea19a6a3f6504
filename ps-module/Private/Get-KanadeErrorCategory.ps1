# What PowerShell calls the kind of error that the backend has answered with.
function Get-KanadeErrorCategory {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [string] $Code,
        [int] $Status
    )

    switch ($Code) {
        'unknown_pc' { return 'ObjectNotFound' }
        'unknown_job' { return 'ObjectNotFound' }
        'target_empty' { return 'ObjectNotFound' }
        'output_gone' { return 'ObjectNotFound' }
        'agent_unreachable' { return 'OperationTimeout' }
    }
    switch ($Status) {
        400 { return 'InvalidArgument' }
        401 { return 'AuthenticationError' }
        403 { return 'PermissionDenied' }
        404 { return 'ObjectNotFound' }
        409 { return 'ResourceBusy' }
        412 { return 'ResourceBusy' }
        413 { return 'LimitsExceeded' }
        415 { return 'InvalidArgument' }
        422 { return 'InvalidData' }
        503 { return 'ResourceUnavailable' }
        504 { return 'OperationTimeout' }
        507 { return 'LimitsExceeded' }
    }
    return 'InvalidResult'
}

# What PowerShell calls the kind of error that the backend has answered with. ResourceBusy is what may pass by itself or by reading again.
function Get-KanadeErrorCategory {
    [CmdletBinding()]
    [OutputType([string])]
    param(
        [string] $Code,
        [int] $Status
    )

    # Codes first: one says more than its status.
    $categories = @{
        'unknown_pc'         = 'ObjectNotFound'
        'unknown_job'        = 'ObjectNotFound'
        'target_empty'       = 'ObjectNotFound'
        'condition_type'     = 'InvalidType'
        'schedule_corrupt'   = 'InvalidData'
        'group_corrupt'      = 'InvalidData'
        'rollout_corrupt'    = 'InvalidData'
        'inventory_failed'   = 'ReadError'
        'result_pending'     = 'ResourceBusy'
        'output_pending'     = 'ResourceBusy'
        'identity_revoked'   = 'InvalidOperation'
        'pc_id_taken'        = 'ResourceExists'
        'revocation_pending' = 'ResourceBusy'
        '400'                = 'InvalidArgument'
        '401'                = 'AuthenticationError'
        '403'                = 'PermissionDenied'
        '404'                = 'ObjectNotFound'
        '405'                = 'NotImplemented'
        '409'                = 'InvalidOperation'
        '410'                = 'ObjectNotFound'
        '412'                = 'ResourceBusy'
        '413'                = 'LimitsExceeded'
        '415'                = 'InvalidArgument'
        '421'                = 'ConnectionError'
        '422'                = 'InvalidData'
        '429'                = 'ResourceBusy'
        '500'                = 'OperationStopped'
        '502'                = 'ResourceUnavailable'
        '503'                = 'ResourceUnavailable'
        '504'                = 'OperationTimeout'
        '507'                = 'LimitsExceeded'
    }
    foreach ($key in $Code, "$Status") {
        if ($categories.ContainsKey($key)) { return $categories[$key] }
    }
    return 'InvalidResult'
}

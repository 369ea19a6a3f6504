# The words that a parameter takes in the API and no others, for completion. Which there are the contract says, and a test compares.
function Get-KanadeWord {
    [CmdletBinding()]
    [OutputType([string])]
    param([Parameter(Mandatory = $true)][ValidateSet('Kind', 'Action')][string] $Parameter)

    switch ($Parameter) {
        'Kind' {
            'online', 'stopping', 'refused', 'abandoned', 'offline', 'conflict', 'enrolled', 'retired_seen', 'over_quota',
            'enrolment_pending', 'enrolment_denied', 'enrolment_refused', 'identity_revoked', 'revoked_seen', 'renamed', 'forged',
            'release_expires'
        }
        'Action' {
            'execution_submit', 'execution_cancel', 'execution_rerun', 'job_put', 'job_delete', 'job_revoke', 'job_unrevoke',
            'schedule_put', 'schedule_delete', 'schedule_enable', 'schedule_disable', 'schedule_run_now', 'schedule_completed',
            'rollout_start', 'rollout_wave_start', 'rollout_wave_withhold', 'rollout_halt', 'rollout_cancel_queued', 'rollout_complete',
            'rollout_pause', 'rollout_resume', 'rollout_advance', 'rollout_abort', 'freeze_put', 'freeze_delete', 'groups_put', 'group_put',
            'group_delete', 'agent_retire', 'agent_readmit', 'agent_enrol', 'agent_revoke', 'agent_rename', 'enrolment_token_create',
            'enrolment_token_revoke', 'enrolment_pending', 'enrolment_approve', 'enrolment_deny', 'inventory_refresh', 'dead_letter_retry',
            'admin_token_renew', 'command_key_make', 'command_key_retire', 'command_key_learn', 'broker_adopt', 'broker_doubt',
            'join_code_create', 'join_code_revoke', 'backend_join', 'backend_remove', 'release_add', 'release_remove', 'stream_recreated',
            'exec_restored'
        }
    }
}

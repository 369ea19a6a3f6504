import { any, enums, type Infer, optional, string, type } from 'superstruct';
import { Id } from './ids.ts';
import { Instant } from './time.ts';

/** What the backend audits. */
export const AUDIT_ACTIONS = [
  'execution_submit',
  'execution_cancel',
  'execution_rerun',
  'job_put',
  'job_delete',
  'job_revoke',
  'job_unrevoke',
  'schedule_put',
  'schedule_delete',
  'schedule_enable',
  'schedule_disable',
  'schedule_run_now',
  'schedule_completed',
  'rollout_start',
  'rollout_wave_start',
  'rollout_wave_withhold',
  'rollout_halt',
  'rollout_cancel_queued',
  'rollout_complete',
  'rollout_pause',
  'rollout_resume',
  'rollout_advance',
  'rollout_abort',
  'freeze_put',
  'freeze_delete',
  'groups_put',
  'group_put',
  'group_delete',
  'agent_retire',
  'agent_readmit',
  'agent_enrol',
  'agent_revoke',
  'agent_rename',
  'enrolment_token_create',
  'enrolment_token_revoke',
  'enrolment_pending',
  'enrolment_approve',
  'enrolment_deny',
  'inventory_refresh',
  'dead_letter_retry',
  'admin_token_renew',
  'command_key_make',
  'command_key_retire',
  'broker_adopt',
  'stream_recreated',
  'exec_restored',
] as const;
export type AuditAction = (typeof AUDIT_ACTIONS)[number];

/** `audit.<actor kind>.<action>`: who did what to what, what was there before and after, and how it ended. */
export const AuditEntry = type({
  audit_id: Id,
  at: Instant,
  actor_kind: enums(['person', 'token', 'scheduler', 'system']),
  actor: string(),
  action: Id,
  target: optional(string()),
  before: optional(any()),
  after: optional(any()),
  /** `ok` or a code of the error table. */
  result: string(),
  request_id: optional(string()),
  source_ip: optional(string()),
});
export type AuditEntry = Infer<typeof AuditEntry>;

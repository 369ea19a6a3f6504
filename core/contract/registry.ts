import { array, type Infer, optional, string, type } from 'superstruct';
import { Id } from './ids.ts';
import { Instant } from './time.ts';

/** `agents` bucket: one entry per PC, made by the backend. A retired PC leaves its entry as a tombstone. */
export const AgentEntry = type({
  pc_id: Id,
  enrolled_at: Instant,
  ledger_id: optional(string()),
  /** The last few ids this PC had before, newest last: one of them coming back means two PCs under one id. */
  earlier_ledger_ids: optional(array(string())),
  first_seen: Instant,
  /** Written once a day, not at each heartbeat. */
  last_seen: Instant,
  version: optional(string()),
  hostname: optional(string()),
  os: optional(string()),
  tz: optional(string()),
  retired_at: optional(Instant),
});
export type AgentEntry = Infer<typeof AgentEntry>;

/** `agent_groups` bucket, as the seeds' backend writes it (reference section 8: the bare list was a bug). */
export const AgentGroups = type({ groups: array(Id) });
export type AgentGroups = Infer<typeof AgentGroups>;

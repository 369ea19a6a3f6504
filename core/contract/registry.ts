import { array, type Infer, integer, optional, size, string, type } from 'superstruct';
import { Hardware, UserKey } from './enrolment.ts';
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
  /** `ephemeral`: nobody retired it, it was silent for as long as its token allowed. */
  retired_by: optional(string()),
  /** The tombstone of a PC that goes on under another name. */
  renamed_to: optional(Id),
  /** The PC's nkey; none in open mode. Whatever it signs is of this PC. */
  public_key: optional(UserKey),
  /** The last few keys this name had before, newest last: none of them opens anything. */
  former_keys: optional(array(UserKey)),
  /** When this name became another key's, the last few times, newest last: nobody answers for what was said before. */
  taken_over_at: optional(array(Instant)),
  hardware: optional(Hardware),
  /** Which enrolment token let it in. */
  token_id: optional(Id),
  ephemeral_days: optional(integer()),
  /** When its credential was renewed last, to half a day. */
  renewed_at: optional(Instant),
  /** Since when its key opens nothing. */
  revoked_at: optional(Instant),
});
export type AgentEntry = Infer<typeof AgentEntry>;

/** `agent_groups` bucket, as the seeds' backend writes it (reference section 8: the bare list was a bug). */
export const AgentGroups = type({ groups: array(Id) });
export type AgentGroups = Infer<typeof AgentGroups>;

/** Conditions of one query: more than a person writes would only cost time. */
export const CONDITIONS_MAX = 20;

/** `dynamic_groups` bucket, under the name in lower case: the group of the PCs whose inventory is what all conditions say. */
export const DynamicGroup = type({
  /** As it was spelt last. */
  group: Id,
  /** As they were written: `section.field OP value`, with a `!` in front for "has no such row". */
  query: size(array(string()), 1, CONDITIONS_MAX),
  description: optional(string()),
  updated_at: Instant,
  updated_by: string(),
});
export type DynamicGroup = Infer<typeof DynamicGroup>;

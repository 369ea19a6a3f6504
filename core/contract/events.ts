import { type Infer, optional, size, string, type } from 'superstruct';
import { Id } from './ids.ts';
import { Instant } from './time.ts';

/** `events.started.<exec>.<pc>` (seeds 000 and 003). The seeds' request_id and result_id are UUIDs. */
export const EventStarted = type({
  result_id: Id,
  request_id: size(string(), 1, 256),
  exec_id: Id,
  pc_id: Id,
  started_at: Instant,
  manifest_id: string(),
  version: string(),
});
export type EventStarted = Infer<typeof EventStarted>;

/**
 * `events.agent.<kind>.<pc>`: what an agent says of itself, and what the backend notices of it.
 * `code` is from the error-code table for the kinds that report trouble.
 */
export const AgentEvent = type({
  event_id: Id,
  pc_id: Id,
  kind: Id,
  at: Instant,
  code: optional(string()),
  detail: optional(string()),
  subject: optional(string()),
  request_id: optional(string()),
  exec_id: optional(string()),
});
export type AgentEvent = Infer<typeof AgentEvent>;

/** The kinds we write. */
export const AGENT_EVENT_KINDS = [
  'online',
  'stopping',
  'refused',
  'abandoned',
  'offline',
  'conflict',
  'enrolled',
  'retired_seen',
  'over_quota',
  'enrolment_pending',
  'enrolment_denied',
  'enrolment_refused',
  'identity_revoked',
  'revoked_seen',
  'renamed',
  'forged',
  'release_expires',
] as const;
export type AgentEventKind = (typeof AGENT_EVENT_KINDS)[number];

/** Those that an agent says, `conflict` when it is the second one on a folder; the others are the backend's, and no PC may say them. */
export const KINDS_OF_AGENTS = ['online', 'stopping', 'refused', 'abandoned', 'conflict'] as const satisfies readonly AgentEventKind[];

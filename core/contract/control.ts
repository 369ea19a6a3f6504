import { array, boolean, enums, type Infer, integer, min, nullable, number, optional, size, string, type } from 'superstruct';
import { Heartbeat } from './heartbeat.ts';
import { Id } from './ids.ts';
import { SECTIONS, type Section, SectionHash } from './inventory.ts';
import { Instant } from './time.ts';

/**
 * `control.<pc>.sync`, no answer: read your KV entries and your durable again. An agent runs nothing before a sync
 * has confirmed its `ledger_id`; while another one is confirmed it waits.
 */
export const Sync = type({
  now: Instant,
  ledger_id: optional(string()),
  enrolled_at: Instant,
  /** When the EXEC stream was made: sequences of another epoch mean nothing. */
  epoch: string(),
  /** Why this PC may not run anything: conflict, retired. */
  refused: optional(string()),
  /** `keysDigest` of whom to obey: who holds others asks for them. */
  keys: optional(string()),
});
export type Sync = Infer<typeof Sync>;

/** `control.<pc>.ping`, answered with Pong to `reply.<pc>.<nonce>`; without a reply subject, by a heartbeat. */
export const Ping = type({ exec_ids: optional(array(string())) });
export type Ping = Infer<typeof Ping>;

export const Pong = type({
  heartbeat: Heartbeat,
  /** Of the exec_ids asked about, those that are pending or running here or whose result still waits to be sent. */
  known: array(string()),
});
export type Pong = Infer<typeof Pong>;

/** `control.<pc>.tail`: what a running script has written from these byte offsets on. */
export const TailRequest = type({ result_id: Id, stdout_from: integer(), stderr_from: integer() });
export type TailRequest = Infer<typeof TailRequest>;

const TailPart = type({
  /** Offset of the first byte in `data`; later than asked for when the ring has dropped what was between. */
  from: integer(),
  /** Base64. */
  data: string(),
  next: integer(),
});

export const TailReply = type({ state: enums(['running', 'finished', 'unknown']), stdout: TailPart, stderr: TailPart });
export type TailReply = Infer<typeof TailReply>;

/** Bytes of a log that one answer may carry: quoted as JSON it has to fit a message. */
export const LOGS_MAX = 256 * 1024;

/** `control.<pc>.logs`: the end of the agent's log. */
export const LogsRequest = type({ max_bytes: integer() });
export type LogsRequest = Infer<typeof LogsRequest>;
export const LogsReply = type({ text: string(), truncated: boolean() });
export type LogsReply = Infer<typeof LogsReply>;

const KnownHash = optional(SectionHash);
/** Hashes by section; names that are none of ours are passed over, so it is never longer than there are sections. */
const KnownHashes = type(Object.fromEntries(SECTIONS.map((section) => [section, KnownHash])) as Record<Section, typeof KnownHash>);
export type KnownHashes = Infer<typeof KnownHashes>;

/**
 * `control.<pc>.inventory`: collect these sections now, or all; answered when that is done. `known` is what the backend has from the
 * stream as it is now: whatever is otherwise, or not there, is to be said again, also when the PC has said it before.
 */
export const InventoryRequest = type({
  sections: optional(array(string())),
  known: optional(KnownHashes),
  /** Milliseconds after which it is answered all the same, by what has been collected then. */
  within_ms: optional(min(number(), 0)),
});
export type InventoryRequest = Infer<typeof InventoryRequest>;

/** Characters of the `problem` of an answer. */
export const PROBLEM_MAX = 1024;

/** Sections that an answer may name: newer agents have some that we do not know, and are passed over. */
export const INVENTORY_REPLY_MAX = 64;

/**
 * What was collected: `hash` is that of the newest message of the section, `changed` says that it has just been written to the outbox, and
 * `collected_at` is what that message says then. `problem` says why nothing could be collected on this PC at all;
 * `pending` names what was asked for and is still being collected.
 */
export const InventoryReply = type({
  sections: size(
    array(type({ section: string(), hash: SectionHash, changed: boolean(), collected_at: optional(Instant) })),
    0,
    INVENTORY_REPLY_MAX,
  ),
  pending: optional(size(array(string()), 0, INVENTORY_REPLY_MAX)),
  problem: optional(size(string(), 0, PROBLEM_MAX)),
});
export type InventoryReply = Infer<typeof InventoryReply>;

/** The one `reason` of a cancellation that means something to a program: a later fire of the same schedule took its place. */
export const SUPERSEDED = 'superseded';

/** Where the `cancelled` bucket says that an execution is not to run: `<exec>.<pc>` for one PC, `<exec>.all` for all; ids of PCs are upper case. */
export function cancelledKey(execId: string, pcId = 'all'): string {
  return `${execId}.${pcId}`;
}

/** `cancelled` bucket. */
export const CancelledEntry = type({ at: Instant, actor: string(), reason: nullable(string()) });
export type CancelledEntry = Infer<typeof CancelledEntry>;

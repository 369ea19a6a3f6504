import type { AuditEntry } from '#core/contract/audit.ts';
import type { Command } from '#core/contract/command.ts';
import type { ErrorCode } from '#core/contract/errors.ts';
import type { AgentEvent, EventStarted } from '#core/contract/events.ts';
import type { InventoryData, InventorySection } from '#core/contract/inventory.ts';
import type { ExecResult } from '#core/contract/result.ts';
import type { Completion } from '#core/contract/schedule.ts';
import type { Cancelled, Lost, PcList, Submitted } from '#core/contract/submission.ts';
import type { ProjectedStream } from './streams.ts';

/** Where a message lies and when the broker stored it, milliseconds since 1970. */
export interface Place {
  stream: ProjectedStream;
  seq: number;
  recorded: number;
  subject: string;
}

/** A message that was checked against its subject and its struct. `exec` and folded `pc` are the subject's. */
export type Fact =
  | { kind: 'submitted'; exec: string; body: Submitted; command: Command }
  | { kind: 'cancelled'; exec: string; body: Cancelled }
  | { kind: 'lost'; exec: string; body: Lost }
  | { kind: 'started'; exec: string; pc: string; body: EventStarted }
  | { kind: 'result'; exec: string; pc: string; body: ExecResult }
  | { kind: 'agent_event'; pc: string; body: AgentEvent }
  | { kind: 'audit'; body: AuditEntry }
  | { kind: 'inventory'; pc: string; section: string; body: InventorySection; data: InventoryData | null }
  | { kind: 'completion'; schedule: string; pc: string; body: Completion }
  | Unread
  /** Beyond what its PC may say, after one that is told: nothing is kept of it. */
  | { kind: 'surplus' }
  | Dead;

/** A message that is read only if its PC may say so much: that costs time. */
export interface Unread {
  kind: 'unread';
}

/** A message that cannot be projected, and why. */
export interface Dead {
  kind: 'dead';
  code: ErrorCode;
  detail: string;
}

/** What is ready for the transaction: lists of PCs that lay in `blobs` have been read. */
export interface Item {
  place: Place;
  fact: Fact;
  /** Of submitted, lost and cancelled with a list; folded, each once. */
  pcs?: readonly string[];
  /** The body as it came. */
  bytes: Uint8Array;
}

export function listOf(fact: Fact): PcList | undefined {
  return fact.kind === 'submitted' || fact.kind === 'cancelled' || fact.kind === 'lost' ? fact.body.list : undefined;
}

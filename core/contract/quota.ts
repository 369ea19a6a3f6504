import type { ErrorCode } from './errors.ts';
import { type AgentEventKind, KINDS_OF_AGENTS } from './events.ts';
import { STREAMS } from './streams.ts';
import { lastToken } from './subjects.ts';

/**
 * What one PC may have of the streams that all share, so that it cannot fill them for the others. INVENTORY, where a PC's own
 * history is at stake, counts otherwise (inventory.ts).
 */
export type QuotaStream = 'EVENTS' | 'RESULTS' | 'OUTPUT';

/** One part in so many of what the stream may hold: it is smaller where the store is. */
const SHARES: Record<QuotaStream, number> = { EVENTS: 8, RESULTS: 8, OUTPUT: 4 };

/** Bytes that one PC may have in a stream that may hold so many; one without a limit is taken for as large as we make it. */
export function quotaOf(stream: QuotaStream, streamBytes: number): number {
  return (streamBytes > 0 ? streamBytes : STREAMS[stream].maxBytes) / SHARES[stream];
}

/** Bytes that each message counts beside its own: its place in the stream and what hangs on it in a database. */
const PLACE = 512;

export function weightOf(messageBytes: number): number {
  return messageBytes + PLACE;
}

/** Messages of one PC that a stream takes within an hour: as many results as an agent keeps that was off for long. */
export const MESSAGES_AN_HOUR = 100_000;

/** What an `over_quota` says, by the stream. */
export const FULL_CODES = {
  INVENTORY: 'inventory_full',
  EVENTS: 'events_full',
  RESULTS: 'results_full',
  OUTPUT: 'output_full',
} as const satisfies Record<string, ErrorCode>;

const SAID_BY_AGENTS: ReadonlySet<string> = new Set<AgentEventKind>(KINDS_OF_AGENTS);

/** Whose message it is, as its subject spells the PC; undefined for what backends say, which nothing may keep out. */
export function senderOf(stream: 'EVENTS' | 'RESULTS', subject: string): string | undefined {
  if (stream === 'RESULTS') return lastToken(subject);
  const [, root, kind] = subject.split('.', 3);
  return root === 'agent' && !SAID_BY_AGENTS.has(kind!) ? undefined : lastToken(subject);
}

import { type ErrorCode, KanadeError } from './errors.ts';
import { NEVER } from './seal.ts';
import { type BucketName, EXPIRES_MAX } from './streams.ts';
import { instant } from './time.ts';

/** What of all that travels is sealed, and for how long a seal counts (seal.ts says how). */

/** A value of a bucket, and its deletion too, is sealed like what is said. */
export type SealedKind = 'command' | 'control' | 'execution' | 'value';

/** `blobs` are checked against the hash that something sealed says; nothing is obeyed for what the other two say. */
const UNSEALED_BUCKETS: ReadonlySet<string> = new Set<BucketName>(['blobs', 'leases', 'completions']);

/** What a subject carries that a backend seals; undefined for everything else. */
export function sealedKind(subject: string): SealedKind | undefined {
  if (subject.startsWith('commands.')) return 'command';
  if (subject.startsWith('control.')) return 'control';
  if (subject.startsWith('executions.')) return 'execution';
  if (!subject.startsWith('$KV.')) return undefined;
  return UNSEALED_BUCKETS.has(subject.slice(4, subject.indexOf('.', 4))) ? undefined : 'value';
}

export function isSealedBucket(bucket: BucketName): boolean {
  return !UNSEALED_BUCKETS.has(bucket);
}

/** The header by which a bucket knows a deletion. It is sealed too: otherwise an empty value could be made one. */
export const KV_OPERATION = 'KV-Operation';

/** What is sealed as the subject. No subject holds a blank, so that no deletion's is another one's subject. */
export function sealedSubject(subject: string, operation: string | undefined): string {
  return operation === undefined ? subject : `${subject} ${operation}`;
}

/** Milliseconds a control message counts: as long as a slow link may take and no longer, for it can be said again by whoever heard it. */
export const CONTROL_COUNTS = 120_000;
/** Milliseconds by which two clocks that go by the broker's may differ. */
const CLOCKS_DIFFER = 60_000;
/** Milliseconds by which a command may have been issued in the future. */
export const ISSUED_AHEAD = 3_600_000;

/** The longest that a seal of this kind may count from now on, milliseconds; undefined where it counts until it is replaced. */
export function countsAtMost(kind: SealedKind): number | undefined {
  if (kind === 'command') return EXPIRES_MAX * 1000 + ISSUED_AHEAD;
  return kind === 'control' ? CONTROL_COUNTS + CLOCKS_DIFFER : undefined;
}

/** Until when what is sealed now counts. `bytes` of a command say it themselves; one that does not, as the seeds', counts as long as any may. */
export function countsUntil(kind: SealedKind, bytes: Uint8Array, now: number): string {
  if (kind === 'command') return expiryIn(bytes) ?? instant(now + EXPIRES_MAX * 1000);
  return kind === 'control' ? instant(now + CONTROL_COUNTS) : NEVER;
}

/** One command is sent to thousands of PCs in the same bytes. */
const known = new WeakMap<Uint8Array, string | undefined>();

function expiryIn(command: Uint8Array): string | undefined {
  if (!known.has(command)) known.set(command, readExpiry(command));
  return known.get(command);
}

function readExpiry(command: Uint8Array): string | undefined {
  try {
    const { expires_at: at } = JSON.parse(new TextDecoder().decode(command)) as { expires_at?: unknown };
    return typeof at === 'string' && !Number.isNaN(Date.parse(at)) ? at : undefined;
  } catch {
    // It is no command, which is for others to notice.
    return undefined;
  }
}

const FAULTS: ReadonlySet<ErrorCode> = new Set([
  'unsigned',
  'unknown_key',
  'retired_key',
  'signature_invalid',
  'signature_expired',
  'signature_too_long',
]);

/** Whether this says that something is not sealed as it has to be. */
export function isSealFault(error: unknown): error is KanadeError {
  return error instanceof KanadeError && FAULTS.has(error.code);
}

/** For whoever is about to put it right: what is not sealed as it has to be is as if it were not there. */
export function unlessForged(error: unknown): undefined {
  if (isSealFault(error)) return undefined;
  throw error;
}

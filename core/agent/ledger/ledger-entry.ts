import { enums, type Infer, integer, number, optional, size, string, type } from 'superstruct';
import { decode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { Id, sha256 } from '#core/contract/ids.ts';
import { OUTCOMES } from '#core/contract/result.ts';
import { Fire } from './fires.ts';

/** One request as its file holds it. Times are milliseconds since 1970 of the broker's clock. */
const Stored = type({
  requestId: size(string(), 1, 256),
  execId: Id,
  bytesSha256: string(),
  state: enums(['pending', 'launching', 'finished']),
  subject: string(),
  /** Its sequence in EXEC, when it came by the durable. */
  seq: optional(integer()),
  /** Of a schedule's command. */
  fire: optional(Fire),
  admittedAt: number(),
  /** From then on it is not started. */
  expiresAt: number(),
  /** Admission order: higher is later, over restarts too. */
  order: integer(),
  /** The command's exact bytes, while it is not finished. */
  command: optional(string()),
  resultId: optional(Id),
  startedAt: optional(number()),
  finishedAt: optional(number()),
  outcome: optional(enums(OUTCOMES)),
  /** The encoded ExecResult, until the outbox has it. */
  result: optional(string()),
});
type Stored = Infer<typeof Stored>;

/** What the ledger keeps in memory of a request: all but the result, which can be large; `resultSent` says whether the outbox has it. */
export type LedgerEntry = Omit<Stored, 'result'> & { resultSent: boolean };

/** What a command brings with it; `bytes` as they came. */
export type Admission = Pick<LedgerEntry, 'requestId' | 'execId' | 'subject' | 'seq' | 'fire' | 'expiresAt'> & { bytes: Uint8Array };

/** The name of a request's file: any request id, whatever it holds, gives a safe name. */
export function ledgerKey(requestId: string): string {
  return sha256(requestId);
}

export function encodeEntry(entry: LedgerEntry, result?: string): string {
  const { resultSent: _, ...stored } = entry;
  return JSON.stringify({ ...stored, result } satisfies Stored);
}

/** The entry in a file, or `bad_message` when it is not the whole and true record of what its name says. */
export function decodeEntry(key: string, bytes: Uint8Array): { entry: LedgerEntry; result: string | undefined } {
  const { result, ...entry } = decode(Stored, bytes);
  if (ledgerKey(entry.requestId) !== key) throw new KanadeError('bad_message', 'it is filed under the name of another request');
  if (entry.state !== 'finished' && (entry.command === undefined || sha256(entry.command) !== entry.bytesSha256)) {
    throw new KanadeError('bad_message', 'its command does not have the bytes that were admitted');
  }
  return { entry: { ...entry, resultSent: entry.state === 'finished' && result === undefined }, result };
}

/** Text that encodes to exactly these bytes again; `bad_message` when they are not UTF-8. */
export function asText(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new KanadeError('bad_message', 'it is not UTF-8', { cause });
  }
}

import type { Struct } from 'superstruct';
import { decode } from '#core/contract/codec.ts';
import { CancelledEntry, cancelledKey, SUPERSEDED } from '#core/contract/control.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { Freeze } from '#core/contract/freeze.ts';
import { AgentGroups } from '#core/contract/registry.ts';
import { isSealFault } from '#core/contract/sealed.ts';
import type { BucketName } from '#core/contract/streams.ts';
import type { Nats } from '#core/nats/connection.ts';
import { type KvValue, kvGet } from '#core/nats/direct-get.ts';

/** What became of an execution that is not to start any more. */
export type Withdrawn = 'cancelled' | 'superseded';

/**
 * What this agent reads from KV, each key by direct get. A value counts for one generation; every connect, every sync
 * and every ten minutes begin a new one: the backend sends a sync whenever it changed something that concerns this PC,
 * and a sync can get lost.
 * A key that is not there is an answer; a refusal, a time-out or a value that is not signed is none, and is thrown.
 */
export class Knowledge {
  readonly #nats: () => Nats;
  readonly #pcId: string;
  readonly #mono: () => number;
  readonly #onFault: (subject: string, fault: KanadeError) => void;
  readonly #read = new Map<string, { at: number; value: Promise<Uint8Array | undefined> }>();
  #generation = 0;

  /** `mono`: milliseconds, monotonic. `onFault` is told of values that nobody has signed whom this PC obeys: they are no answer. */
  constructor(nats: () => Nats, pcId: string, mono: () => number, onFault: (subject: string, fault: KanadeError) => void = () => {}) {
    this.#nats = nats;
    this.#onFault = onFault;
    this.#mono = mono;
    this.#pcId = pcId;
  }

  get generation(): number {
    return this.#generation;
  }

  /** Everything is to be read again when it is needed next. */
  renew(): void {
    this.#generation++;
    this.#read.clear();
  }

  /**
   * Whether this execution is cancelled or superseded, wholly or for this PC. Never remembered: only a fresh answer
   * counts. Cancelled is the stronger of the two, for it ends what runs too.
   */
  async cancelled(execId: string): Promise<Withdrawn | undefined> {
    const asked = [cancelledKey(execId), cancelledKey(execId, this.#pcId)].map((key) => this.#get('cancelled', key));
    const found = await Promise.allSettled(asked);
    const entries = found.flatMap((one) => (one.status === 'fulfilled' && one.value !== undefined ? [one.value] : []));
    if (entries.some(({ value }) => readable(CancelledEntry, value)?.reason !== SUPERSEDED)) return 'cancelled';
    // The stronger word would stand even if the other answer never came; for anything else both are needed.
    await Promise.all(asked);
    return entries.length === 0 ? undefined : 'superseded';
  }

  /** The freeze of all schedules, by a reading at most `maxAge` milliseconds old; one that nobody can read is one all the same. */
  async freeze(maxAge: number): Promise<Freeze | 'unreadable' | undefined> {
    const bytes = await this.#once('config', 'freeze', maxAge);
    return bytes && (readable(Freeze, bytes) ?? 'unreadable');
  }

  /** Whether a job is revoked, by a reading at most `maxAge` milliseconds old. */
  async revoked(jobId: string, maxAge: number): Promise<boolean> {
    return textOf(await this.#once('script_status', jobId, maxAge)) === 'REVOKED';
  }

  /** The version of a job that may run, by a reading at most `maxAge` milliseconds old; undefined when none is named. */
  async currentVersion(jobId: string, maxAge: number): Promise<string | undefined> {
    return textOf(await this.#once('script_current', jobId, maxAge));
  }

  /** The groups of this PC, read anew: membership decides whether a command is run, so a memory of it will not do. */
  async groups(): Promise<readonly string[]> {
    const found = await this.#get('agent_groups', this.#pcId);
    return found ? decode(AgentGroups, found.value).groups : [];
  }

  async #get(bucket: BucketName, key: string): Promise<KvValue | undefined> {
    try {
      return await kvGet(this.#nats(), bucket, key);
    } catch (error) {
      if (isSealFault(error)) this.#onFault(`$KV.${bucket}.${key}`, error);
      throw error;
    }
  }

  #once(bucket: 'script_status' | 'script_current' | 'config', key: string, maxAge: number): Promise<Uint8Array | undefined> {
    const name = `${bucket}/${key}`;
    const known = this.#read.get(name);
    const at = this.#mono();
    if (known && at - known.at <= maxAge) return known.value;
    const value = this.#get(bucket, key).then((found) => found?.value);
    this.#read.set(name, { at, value });
    // No answer is not to be remembered as one.
    value.catch(() => {
      if (this.#read.get(name)?.value === value) this.#read.delete(name);
    });
    return value;
  }
}

function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && new TextDecoder().decode(bytes);
}

/** Undefined when it is not what it should be: for whoever has an answer to that as well. */
function readable<T>(struct: Struct<T, unknown>, bytes: Uint8Array): T | undefined {
  try {
    return decode(struct, bytes);
  } catch (error) {
    if (error instanceof KanadeError) return undefined;
    throw error;
  }
}

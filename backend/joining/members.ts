import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { BackendEntry } from '#core/contract/joining.ts';
import type { Log } from '#core/contract/log.ts';
import { instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { lastOnSubject } from '#core/nats/direct-get.ts';
import { kvCompareAndSet } from '#core/nats/kv.ts';
import { Mirror } from '#core/nats/mirror.ts';
import { sleepOrWake, Wake } from '#core/nats/retry.ts';
import type { CommandKeys } from '../seal/command-keys.ts';
import type { Member } from './signers-after.ts';

export interface MembersParts {
  nats: Nats;
  keys: Pick<CommandKeys, 'list' | 'changed'>;
  /** Ours. */
  backendId: string;
  /** Milliseconds since 1970. */
  clock: () => number;
  log: Log;
}

/** Milliseconds between two times that a backend says that it is there. */
const SAY_EVERY = 300_000;
const TRY_AGAIN = 10_000;

/** The backends of this broker, and those that were: a mirror of their bucket. */
export class Members {
  /** Somebody has joined, or is out. */
  readonly changed = new Wake();
  readonly #o: MembersParts;
  readonly #mirror = new Mirror(
    (bytes) => decode(BackendEntry, bytes),
    () => this.changed.fire(),
  );

  constructor(parts: MembersParts) {
    this.#o = parts;
    const again = () => {
      this.changed.fire();
      parts.keys.changed.join(again);
    };
    parts.keys.changed.join(again);
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#mirror.start(this.#o.nats, 'backends', { log: this.#o.log, signal });
  }

  entries(): BackendEntry[] {
    return [...this.#mirror.keys()].flatMap((id) => this.get(id) ?? []);
  }

  get(id: string): BackendEntry | undefined {
    const entry = this.#mirror.get(id);
    return entry && 'value' in entry ? entry.value : undefined;
  }

  /**
   * Whether it is one still. Not without a command key that counts either: those who are out have none, and no earlier word that a
   * broker gives back brings one of them in again.
   */
  stays(entry: BackendEntry): boolean {
    if (entry.removed_at !== undefined) return false;
    return this.#o.keys.list().some((key) => key.entry.backend_id === entry.backend_id && key.state !== 'retired');
  }

  /** Those beside this one that are in. */
  others(): BackendEntry[] {
    return this.entries().filter((entry) => entry.backend_id !== this.#o.backendId && this.stays(entry));
  }

  /** Those that have joined, or had. */
  list(): Member[] {
    return this.entries().flatMap((entry) =>
      entry.signing_keys === undefined ? [] : [{ keys: entry.signing_keys, stays: this.stays(entry) }],
    );
  }

  /** What is stored, whatever this mirror has heard of it; one that nobody has signed whom we believe is none. */
  async stored(id: string): Promise<{ entry: BackendEntry | undefined; revision: number }> {
    const last = await lastOnSubject(this.#o.nats, 'KV_backends', `$KV.backends.${id}`);
    const there = last !== undefined && !last.deleted && last.fault === undefined;
    return { entry: there ? decode(BackendEntry, last.value) : undefined, revision: last?.revision ?? 0 };
  }

  /** `precondition_failed` when it was changed since. */
  async write(entry: BackendEntry, revision: number): Promise<void> {
    const id = entry.backend_id;
    this.#mirror.accept(id, entry, await kvCompareAndSet(this.#o.nats, 'backends', id, encode(entry), revision));
  }

  /** Says that this backend is there, and how PCs reach it, until `signal` aborts or it is out. */
  async announce(about: () => Pick<BackendEntry, 'operator' | 'api' | 'ca'>, signal: AbortSignal): Promise<void> {
    const { backendId, clock, log } = this.#o;
    let said = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      let pause = SAY_EVERY;
      try {
        if (this.get(backendId)?.removed_at !== undefined) {
          log.error({ backend_id: backendId }, 'this backend was put out: nothing that it says counts any more');
          return;
        }
        const now = clock();
        if (now - said >= SAY_EVERY / 2) {
          await this.#sayOnce(about(), now);
          said = now;
        }
      } catch (error) {
        // Somebody else wrote it at the same moment, or the broker is away.
        if (!signal.aborted) log.warn({ error: messageOf(error) }, 'this backend could not say that it is there: trying again');
        pause = TRY_AGAIN;
      }
      await sleepOrWake(pause, this.changed, signal).catch(() => {});
    }
  }

  async #sayOnce(about: Pick<BackendEntry, 'operator' | 'api' | 'ca'>, now: number): Promise<void> {
    const { backendId } = this.#o;
    const { entry, revision } = await this.stored(backendId);
    if (entry?.removed_at !== undefined) return;
    const { api: _api, ca: _ca, ...before } = entry ?? { backend_id: backendId, joined_at: instant(now) };
    await this.write({ ...before, ...about, seen_at: instant(now) }, revision);
  }
}

/** `not_found` for a backend that nobody knows. */
export function knownBackend(members: Pick<Members, 'get'>, id: string): BackendEntry {
  const entry = members.get(id);
  if (entry === undefined) throw new KanadeError('not_found', `there is no backend ${id}`);
  return entry;
}

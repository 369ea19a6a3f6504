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
import type { Admitted } from './admitted.ts';
import type { Member } from './signers-after.ts';

export interface MembersParts {
  nats: Nats;
  keys: Pick<CommandKeys, 'list' | 'changed'>;
  /** Ours. */
  backendId: string;
  /** Whom we have let in, where accounts are signed. */
  admitted?: Pick<Admitted, 'get' | 'isIn' | 'list'> | undefined;
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
    (bytes, id) => entryUnder(id, bytes),
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
    const ids = new Set([...this.#mirror.keys(), ...(this.#o.admitted?.list().map(({ backend_id }) => backend_id) ?? [])]);
    return [...ids].flatMap((id) => this.get(id) ?? []);
  }

  /** What it says of itself, and over that what we have written down when we let it in. */
  get(id: string): BackendEntry | undefined {
    const entry = this.#mirror.get(id);
    return this.#corrected(id, entry && 'value' in entry ? entry.value : undefined);
  }

  /** The same, by what is stored now. */
  async now(id: string): Promise<BackendEntry | undefined> {
    return this.#corrected(id, (await this.stored(id)).entry);
  }

  #corrected(id: string, said: BackendEntry | undefined): BackendEntry | undefined {
    const ours = this.#o.admitted?.get(id);
    return ours === undefined ? said : { ...said, ...ours, operator: false };
  }

  /**
   * Whether it is one still. Not without a command key that counts either: those who are out have none, and no earlier word that a
   * broker gives back brings one of them in again.
   */
  stays(entry: BackendEntry): boolean {
    const { keys, admitted, backendId } = this.#o;
    const { backend_id: id, removed_at } = entry;
    if (removed_at !== undefined || (admitted !== undefined && id !== backendId && !admitted.isIn(id))) return false;
    return keys.list().some((key) => key.entry.backend_id === id && key.state !== 'retired');
  }

  /** Those beside this one that are in. */
  others(): BackendEntry[] {
    return this.entries().filter((entry) => entry.backend_id !== this.#o.backendId && this.stays(entry));
  }

  /** Those that we have let in, ever, by the keys that they had then; undefined where no account is signed. */
  list(): Member[] | undefined {
    return this.#o.admitted
      ?.list()
      .map((ours) => ({ keys: ours.signing_keys, stays: this.stays({ ...ours, operator: false, ...this.get(ours.backend_id) }) }));
  }

  /** What is stored, whatever this mirror has heard of it; one that nobody has signed whom we believe, or that is junk, is none. */
  async stored(id: string): Promise<{ entry: BackendEntry | undefined; revision: number }> {
    const last = await lastOnSubject(this.#o.nats, 'KV_backends', `$KV.backends.${id}`);
    const there = last !== undefined && !last.deleted && last.fault === undefined;
    return { entry: there ? entryOf(id, last.value) : undefined, revision: last?.revision ?? 0 };
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

/** The entry, which has to lie under its own id. */
function entryUnder(id: string, bytes: Uint8Array): BackendEntry {
  const entry = decode(BackendEntry, bytes);
  if (entry.backend_id !== id) throw new KanadeError('bad_message', `${id} is not the id of this backend`);
  return entry;
}

function entryOf(id: string, bytes: Uint8Array): BackendEntry | undefined {
  try {
    return entryUnder(id, bytes);
  } catch (error) {
    if (error instanceof KanadeError) return undefined;
    throw error;
  }
}

/** `not_found` for a backend that nobody knows. */
export function knownBackend(members: Pick<Members, 'get'>, id: string): BackendEntry {
  const entry = members.get(id);
  if (entry === undefined) throw new KanadeError('not_found', `there is no backend ${id}`);
  return entry;
}

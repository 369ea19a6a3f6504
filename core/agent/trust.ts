import { setTimeout as sleep } from 'node:timers/promises';
import type { Sync } from '#core/contract/control.ts';
import { keysDigest, type TrustedKeyEntry } from '#core/contract/enrolment.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { Keyring, SEAL_HEADERS } from '#core/contract/seal.ts';
import { isSealFault, type SealedKind } from '#core/contract/sealed.ts';
import { isSeedForm } from '#core/contract/subjects.ts';
import { sleepOrWake, Wake } from '#core/nats/retry.ts';
import { checkSeal, type Seal, type SealedMessage } from '#core/nats/seal.ts';
import type { Heard } from './intake/heard.ts';

/** Whom an agent obeys, as its credential says it. */
export interface TrustOptions {
  /** The keys of the backends; asked again and again, for they change. */
  keys(): readonly TrustedKeyEntry[];
  /** Fetches them anew from the backend itself, not from the broker. Rejects when that cannot be done now. */
  renewKeys(): Promise<void>;
  /** A setting of this PC and of nobody else: commands as the seeds send them are run although nobody has signed them. */
  allowUnsigned?: boolean;
  /** What time the server itself said last that it was, and when that was; undefined: not since this PC started. Left out: it never does. */
  told?(): Told | undefined;
  /** Milliseconds between two renewals for keys that are not known; default a minute. */
  renewAgain?: number;
}

/** The server's word on the time, over HTTPS, where nobody between can say it again. */
export interface Told {
  /** Milliseconds since 1970. */
  at: number;
  /** When it came, by the monotonic clock. */
  mono: number;
}

export interface TrustParts {
  options: TrustOptions;
  /** Milliseconds since 1970 of the broker's clock. */
  clock: () => number;
  /** Milliseconds: this PC's own clock, and the monotonic one. */
  wall: () => number;
  mono: () => number;
  random: () => number;
  /** What time it is at the least. */
  heard: Pick<Heard, 'atLeast' | 'note' | 'correct'>;
  log: Log;
}

const RENEW_AGAIN = 60_000;
/** Over so many times that, all PCs ask for keys that nothing is signed by yet. */
const SPREAD = 3;
/** Milliseconds after which it is asked once more about a key that nobody knew. */
const DISOWNED_FOR = 600_000;
/** So often nobody may know a key before it is nobody's: the backend that was asked may hear of another one's key a little later. */
const ASKED_AT_LEAST = 2;
/** Keys that are remembered as unknown. */
const UNKNOWN_MAX = 100;
/** Characters of a key's id; a longer one is none. */
const KEY_ID_MAX = 64;
/** Milliseconds by which what the server says of the time and what backends sign may differ: a backend's own clock and the broker's do. */
const CLOCKS_DIFFER = 600_000;
/** Milliseconds until it is asked once more what time it is. */
const ASK_TIME_AGAIN = 600_000;

/**
 * What this PC believes of what comes over the broker: what a backend has signed by a key that its credential names. A
 * key that it does not name may be newer than the credential: it is asked for, and nobody's when it stays unknown.
 */
export class Trust implements Seal {
  /** Fires whenever the keys were asked for anew: what was not known is to be looked at once more. */
  readonly changed = new Wake();
  readonly #p: TrustParts;
  #keyring = new Keyring([]);
  #from = '';
  /** Asked about, and not answered yet. */
  readonly #wanted = new Set<string>();
  /** How often nobody knew it, and when that was last, by the monotonic clock. */
  readonly #disowned = new Map<string, { times: number; at: number }>();
  readonly #asked = new Wake();
  /** A backend said that there are other keys by now. */
  #outdated = false;
  /** Somebody has said a time that may be an old one. */
  #timeWanted = false;
  #timeAskedAt = Number.NEGATIVE_INFINITY;
  #told: Told | undefined;
  /** Milliseconds that the time is ahead of this PC's own clock, as far as it is known. */
  #offset = 0;

  constructor(parts: TrustParts) {
    this.#p = parts;
    this.#refresh();
  }

  /** An agent has no authority. */
  sign(_subject: string, _bytes: Uint8Array, _operation: string | undefined): Record<string, string> | undefined {
    return undefined;
  }

  check(message: SealedMessage, kind: SealedKind): void {
    this.#refresh();
    this.#checkAt(message, kind, Math.max(this.#p.clock(), this.#p.heard.atLeast));
  }

  /**
   * What time it is by a sync, which is for a PC whose own clock is wrong. It counts when it is from no earlier than what was heard
   * already, so that nobody can say an old one again; and where this PC's clock disagrees, once the server itself was asked: a PC
   * that was off or slept has not heard how long that was, and its clock may be wrong or right.
   */
  checkSync(message: SealedMessage, sync: Sync): number {
    const { heard, options, wall } = this.#p;
    const at = Date.parse(sync.now);
    this.#refresh();
    try {
      this.#checkAt(message, 'control', Math.max(at, heard.atLeast));
    } catch (error) {
      if (isSealFault(error) && error.code === 'signature_expired') this.#askTime();
      throw error;
    }
    if (options.told !== undefined && Math.abs(at - wall() - this.#offset) > CLOCKS_DIFFER && !this.#toldLately()) {
      this.#askTime();
      throw new KanadeError('signature_expired', `it says that it is ${sync.now}, and this PC's clock does not: the server is asked first`);
    }
    heard.note(at);
    if (sync.keys !== undefined && sync.keys !== keysDigest(options.keys())) {
      this.#outdated = true;
      this.#asked.fire();
    }
    const now = Math.max(at, heard.atLeast);
    this.#offset = now - wall();
    return now;
  }

  /** `unsigned` where the seeds' commands are run as they come. */
  checkCommand(message: SealedMessage): 'signed' | 'unsigned' {
    try {
      this.check(message, 'command');
      return 'signed';
    } catch (error) {
      const lacks = error instanceof KanadeError && error.code === 'unsigned';
      if (lacks && this.#p.options.allowUnsigned === true && isSeedForm(message.subject)) return 'unsigned';
      throw error;
    }
  }

  /**
   * What to think of a message of an unknown key. `open`: its key has not been asked for yet, or nobody has answered.
   * `doubtful`: it was, and is asked for once more. `nobodys`: it is not worth keeping.
   */
  unknownKey(message: Pick<SealedMessage, 'header'>): 'open' | 'doubtful' | 'nobodys' {
    const times = this.#timesDisowned(message.header(SEAL_HEADERS.key) ?? '');
    if (times === 0) return 'open';
    return times < ASKED_AT_LEAST ? 'doubtful' : 'nobodys';
  }

  /** Whether the server is being asked what time it is. */
  get asksTime(): boolean {
    return this.#timeWanted;
  }

  #checkAt(message: SealedMessage, kind: SealedKind, now: number): void {
    try {
      checkSeal(this.#keyring, message, kind, now);
    } catch (error) {
      if (isSealFault(error) && error.code === 'unknown_key') this.#ask(message.header(SEAL_HEADERS.key)!);
      throw error;
    }
  }

  /** What the credential and the server say now. */
  #refresh(): void {
    const told = this.#p.options.told?.();
    if (told !== undefined && told.mono !== this.#told?.mono) this.#p.heard.correct(told.at + this.#p.mono() - told.mono, CLOCKS_DIFFER);
    this.#told = told;
    const keys = this.#p.options.keys();
    const from = JSON.stringify(keys);
    if (from === this.#from) return;
    this.#from = from;
    this.#keyring = new Keyring(
      keys.map(({ public_key: publicKey, retired_at: at }) =>
        at === undefined ? { publicKey } : { publicKey, retiredAt: Date.parse(at) },
      ),
    );
  }

  #timesDisowned(id: string): number {
    const known = this.#disowned.get(id);
    return known !== undefined && this.#p.mono() - known.at < DISOWNED_FOR ? known.times : 0;
  }

  #ask(id: string): void {
    if (id.length > KEY_ID_MAX || this.#timesDisowned(id) >= ASKED_AT_LEAST) return;
    // Beyond that they wait until these have been asked about: none of them is given up unasked.
    if (this.#wanted.size < UNKNOWN_MAX) this.#wanted.add(id);
    this.#asked.fire();
  }

  #toldLately(): boolean {
    return this.#told !== undefined && this.#p.mono() - this.#told.mono < ASK_TIME_AGAIN;
  }

  #askTime(): void {
    if (this.#p.options.told === undefined || this.#p.mono() - this.#timeAskedAt < ASK_TIME_AGAIN) return;
    this.#timeWanted = true;
    this.#asked.fire();
  }

  /** Asks for the keys whenever there are others than are known, and not too often, until `signal` aborts. */
  async run(signal: AbortSignal): Promise<void> {
    const { options, mono, random, log } = this.#p;
    const again = options.renewAgain ?? RENEW_AGAIN;
    let next = Number.NEGATIVE_INFINITY;
    while (!signal.aborted) {
      const urgent = () => this.#wanted.size > 0 || this.#timeWanted;
      if (!urgent() && !this.#outdated) {
        await this.#asked.next(signal);
        // All PCs are told of other keys at the same moment, and nothing waits for them yet.
        if (!urgent()) await sleepOrWake(random() * SPREAD * again, this.#asked, signal).catch(() => {});
        continue;
      }
      if (mono() < next) {
        await sleep(next - mono(), undefined, { signal }).catch(() => {});
        continue;
      }
      next = mono() + again;
      try {
        await options.renewKeys();
        this.#renewed([...this.#wanted]);
      } catch (error) {
        log.warn({ error: messageOf(error) }, 'the command keys cannot be asked for now: what is signed by an unknown one waits');
      }
    }
  }

  #renewed(asked: readonly string[]): void {
    this.#refresh();
    this.#wanted.clear();
    if (this.#timeWanted) this.#timeAskedAt = this.#p.mono();
    this.#timeWanted = false;
    // Should it still be so, for the one that was asked had not heard of it, the next sync says it again.
    this.#outdated = false;
    for (const id of asked) {
      if (this.#keyring.has(id)) continue;
      const times = this.#timesDisowned(id) + 1;
      this.#disowned.delete(id);
      if (this.#disowned.size >= UNKNOWN_MAX) this.#disowned.delete(this.#disowned.keys().next().value!);
      this.#disowned.set(id, { times, at: this.#p.mono() });
    }
    this.#p.log.info({ asked, known: asked.filter((id) => this.#keyring.has(id)) }, 'the command keys were asked for anew');
    this.changed.fire();
  }
}

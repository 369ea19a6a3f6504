import { number, object } from 'superstruct';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { StateFile } from '#core/files/state-file.ts';

/** Milliseconds that are worth a write; as much may be forgotten in a power cut. */
const WORTH_A_WRITE = 60_000;

/** Of a second by this PC's monotonic clock so much has passed in any case: no clock is wrong by more. */
const SURELY = 0.999;

/**
 * The time that it is at the least, milliseconds since 1970: the newest that a backend has signed and this PC has seen, and what
 * has passed since. Nothing older is news. Kept on disk; this PC's own clock has no say in it, for it may be wrong by years.
 */
export class Heard {
  readonly #file: StateFile<{ newest_ms: number }> | undefined;
  readonly #mono: () => number;
  readonly #log: Pick<Log, 'warn'>;
  #newest: number;
  /** When that was heard, by the monotonic clock. */
  #since: number;

  private constructor(file: StateFile<{ newest_ms: number }> | undefined, mono: () => number, log: Pick<Log, 'warn'>) {
    this.#file = file;
    this.#mono = mono;
    this.#log = log;
    this.#newest = file?.value.newest_ms ?? 0;
    this.#since = mono();
  }

  /** In memory only without a path. `mono`: milliseconds, monotonic. */
  static async open(path: string | undefined, mono: () => number, log: Pick<Log, 'warn'>): Promise<Heard> {
    const struct = object({ newest_ms: number() });
    return new Heard(path === undefined ? undefined : await StateFile.open(path, struct, { newest_ms: 0 }, log), mono, log);
  }

  get atLeast(): number {
    return this.#newest + (this.#mono() - this.#since) * SURELY;
  }

  /** A backend has signed that it is `said`. */
  note(said: number): void {
    if (said > this.atLeast) this.#become(said);
  }

  /**
   * The server itself has said that it is `said` now, give or take `lax` milliseconds: nobody can say that again later. So it
   * also takes back what a backend has signed whose clock was ahead, of which this PC would be deaf until then.
   */
  correct(said: number, lax: number): void {
    const known = this.atLeast;
    if (known < said - lax || known > said + lax) this.#become(said - lax);
  }

  #become(at: number): void {
    this.#newest = at;
    this.#since = this.#mono();
    const file = this.#file;
    if (file === undefined || Math.abs(at - file.value.newest_ms) < WORTH_A_WRITE) return;
    file.set({ newest_ms: at }).catch((error) => this.#log.warn({ error: messageOf(error) }, 'the time that was heard could not be kept'));
  }
}

import { number, object } from 'superstruct';
import { messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { StateFile } from '#core/files/state-file.ts';

/** Milliseconds that are worth a write; as much may be forgotten in a power cut. */
const WORTH_A_WRITE = 60_000;

/**
 * Milliseconds by which it may be ahead of this PC's own clock: a backend whose clock was wrong once shall not have this
 * PC deaf until that time has come.
 */
const AHEAD_AT_MOST = 600_000;

/** The newest time that a backend has signed and this PC has seen, milliseconds since 1970: nothing older is news. Kept on disk. */
export class Heard {
  readonly #file: StateFile<{ newest_ms: number }> | undefined;
  readonly #wall: () => number;
  readonly #log: Pick<Log, 'warn'>;
  #newest: number;

  private constructor(file: StateFile<{ newest_ms: number }> | undefined, wall: () => number, log: Pick<Log, 'warn'>) {
    this.#file = file;
    this.#wall = wall;
    this.#log = log;
    this.#newest = file?.value.newest_ms ?? 0;
  }

  /** In memory only without a path. `wall`: milliseconds of this PC's own clock. */
  static async open(path: string | undefined, wall: () => number, log: Pick<Log, 'warn'>): Promise<Heard> {
    const struct = object({ newest_ms: number() });
    return new Heard(path === undefined ? undefined : await StateFile.open(path, struct, { newest_ms: 0 }, log), wall, log);
  }

  get newest(): number {
    return this.#newest;
  }

  note(said: number): void {
    const at = Math.min(said, this.#wall() + AHEAD_AT_MOST);
    if (at <= this.#newest) return;
    this.#newest = at;
    const file = this.#file;
    if (file === undefined || at - file.value.newest_ms < WORTH_A_WRITE) return;
    file.set({ newest_ms: at }).catch((error) => this.#log.warn({ error: messageOf(error) }, 'the time that was heard could not be kept'));
  }
}

import { readFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Struct } from 'superstruct';
import { decode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import { atomicWrite, ensureFolder, patiently } from './atomic-write.ts';
import { diskError, errnoOf } from './disk-error.ts';
import { Turns } from './turns.ts';

/** The last known value of something small, kept as JSON in a file of its own. */
export class StateFile<T> {
  readonly #path: string;
  readonly #turns = new Turns();
  #value: T;

  private constructor(path: string, value: T) {
    this.#path = path;
    this.#value = value;
  }

  /** The value on disk; `fallback` when there is none or what is there cannot be understood, which the log then says. */
  static async open<T>(path: string, struct: Struct<T, unknown>, fallback: T, log: Pick<Log, 'warn'>): Promise<StateFile<T>> {
    return new StateFile(path, (await read(path, struct, log)) ?? fallback);
  }

  get value(): T {
    return this.#value;
  }

  /** The value counts from now on; it is on disk when this resolves. Rejects with `disk_full` or `folder_unwritable`. */
  set(value: T): Promise<void> {
    this.#value = value;
    return this.#turns.run('', async () => {
      await ensureFolder(dirname(this.#path));
      await atomicWrite(this.#path, JSON.stringify(this.#value));
    });
  }
}

/** Where something small is kept: such a file, or what a simulated PC has in its place. */
export type Kept<T> = Pick<StateFile<T>, 'value' | 'set'>;

export function keptInMemory<T>(value: T): Kept<T> {
  let kept = value;
  return {
    get value() {
      return kept;
    },
    set: async (said) => {
      kept = said;
    },
  };
}

async function read<T>(path: string, struct: Struct<T, unknown>, log: Pick<Log, 'warn'>): Promise<T | undefined> {
  try {
    return decode(struct, await patiently(() => readFile(path)));
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return undefined;
    if (!(error instanceof KanadeError)) throw diskError(error, path);
    log.warn({ path, error: error.message }, 'a state file cannot be understood: starting without it');
    return undefined;
  }
}

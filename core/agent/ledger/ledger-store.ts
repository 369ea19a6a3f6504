import { readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { atomicWrite, ensureFolder, moveFile, patiently, sweepTemps } from '#core/files/atomic-write.ts';
import { diskError, errnoOf } from '#core/files/disk-error.ts';

/** Where the ledger keeps its records: small named blobs, each written as a whole or not at all. */
export interface LedgerStore {
  /** The keys of all request records, and those of records set aside earlier. */
  keys(): Promise<{ records: string[]; corrupt: string[] }>;
  /** undefined when there is none. */
  read(key: string): Promise<Uint8Array | undefined>;
  /** Durable when it resolves; rejects with `disk_full` or `folder_unwritable`. */
  write(key: string, text: string): Promise<void>;
  remove(key: string): Promise<void>;
  /** Keeps an unreadable record where nothing reads it again. */
  setAside(key: string): Promise<void>;
}

const RECORD = /^([0-9a-f]{64})\.json$/;

/** `<dir>/<key>.json`; unreadable ones in `<dir>/corrupt/`. */
export class LedgerFolder implements LedgerStore {
  readonly #dir: string;
  readonly #corrupt: string;

  constructor(dir: string) {
    this.#dir = dir;
    this.#corrupt = join(dir, 'corrupt');
  }

  async keys(): Promise<{ records: string[]; corrupt: string[] }> {
    await ensureFolder(this.#dir);
    try {
      await sweepTemps(this.#dir);
      return { records: await recordsIn(this.#dir), corrupt: await recordsIn(this.#corrupt) };
    } catch (error) {
      throw diskError(error, this.#dir);
    }
  }

  async read(key: string): Promise<Uint8Array | undefined> {
    try {
      return await patiently(() => readFile(this.#path(key)));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw error;
    }
  }

  async write(key: string, text: string): Promise<void> {
    try {
      await atomicWrite(this.#path(key), text);
    } catch (error) {
      // Someone removed the folder under the running agent: make it again, and this write decides.
      if (!(error instanceof Error) || errnoOf(error.cause) !== 'ENOENT') throw error;
      await ensureFolder(this.#dir);
      await atomicWrite(this.#path(key), text);
    }
  }

  async remove(key: string): Promise<void> {
    await rm(this.#path(key), { force: true });
  }

  async setAside(key: string): Promise<void> {
    await ensureFolder(this.#corrupt);
    await moveFile(this.#path(key), join(this.#corrupt, `${key}.json`));
  }

  #path(key: string): string {
    return join(this.#dir, `${key}.json`);
  }
}

async function recordsIn(dir: string): Promise<string[]> {
  try {
    return (await readdir(dir)).flatMap((name) => RECORD.exec(name)?.[1] ?? []);
  } catch (error) {
    if (errnoOf(error) === 'ENOENT') return [];
    throw error;
  }
}

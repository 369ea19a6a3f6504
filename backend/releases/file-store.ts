import { randomUUID } from 'node:crypto';
import { type FileHandle, open, readdir, rm, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import { KanadeError } from '#core/contract/errors.ts';
import { ensureFolder, moveFile } from '#core/files/atomic-write.ts';
import { errnoOf, isDiskTrouble } from '#core/files/disk-error.ts';
import type { Nats } from '#core/nats/connection.ts';
import { writeFileOf } from '#core/release/stage-files.ts';
import { readChunks, storeChunks } from './chunks.ts';

export interface FileStoreOptions {
  nats: Nats;
  /** Of this backend alone. */
  folder: string;
  /** Ends what fetches for nobody in particular. */
  signal: AbortSignal;
}

interface Wanted {
  sha256: string;
  size: number;
}

/** Bytes that stay free on this backend's disk. */
const ROOM = 256 * 1024 * 1024;

/**
 * The files of releases, each found by its hash. The broker has them for all backends; each backend keeps a copy of what it was asked
 * for, so that 3,000 PCs cost the broker one read. A copy has its name once all of it is there and its hash is right.
 */
export class FileStore {
  readonly #o: FileStoreOptions;
  readonly #fetching = new Map<string, Promise<void>>();

  constructor(options: FileStoreOptions) {
    this.#o = options;
  }

  /** Makes what comes a file for all backends, once it has shown to be the one. `release_file_wrong`, `releases_full`, or what `content` rejects with. */
  async add(wanted: Wanted, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    await this.#write(wanted, content, signal);
    // Also when it is there already: young files are never swept, and this one is about to be named.
    await storeChunks(this.#o.nats, wanted.sha256, this.#path(wanted.sha256), signal);
  }

  /** An open file, to be closed by the caller: it stays readable whatever is swept. */
  async open(wanted: Wanted): Promise<FileHandle> {
    return (await this.#openOwn(wanted)) ?? (await this.#fetched(wanted));
  }

  /** Removes this backend's copies that `isWanted` says no to and that were written before `before`, milliseconds since 1970; also what broke off. */
  async sweep(isWanted: (sha256: string) => boolean, before: number): Promise<number> {
    let removed = 0;
    for (const name of await readdir(this.#o.folder).catch(() => [])) {
      if (isWanted(name)) continue;
      const path = join(this.#o.folder, name);
      const about = await stat(path).catch(() => undefined);
      if (about === undefined || about.mtimeMs >= before) continue;
      await rm(path, { force: true });
      removed++;
    }
    return removed;
  }

  #path(sha256: string): string {
    return join(this.#o.folder, sha256);
  }

  async #openOwn({ sha256, size }: Wanted): Promise<FileHandle | undefined> {
    try {
      const file = await open(this.#path(sha256), 'r');
      if ((await file.stat()).size === size) return file;
      await file.close();
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw error;
    }
    return undefined;
  }

  async #fetched(wanted: Wanted): Promise<FileHandle> {
    const { nats, signal } = this.#o;
    const { sha256, size } = wanted;
    // For all that ask at once, once; one who hangs up takes it from nobody.
    let fetching = this.#fetching.get(sha256);
    if (fetching === undefined) {
      fetching = this.#write(wanted, readChunks(nats, sha256, size, signal), signal).finally(() => this.#fetching.delete(sha256));
      this.#fetching.set(sha256, fetching);
    }
    await fetching;
    const file = await this.#openOwn(wanted);
    if (file === undefined) throw new KanadeError('not_found', `the file ${sha256} is there no longer`);
    return file;
  }

  async #write(wanted: Wanted, content: AsyncIterable<Uint8Array>, signal: AbortSignal): Promise<void> {
    const { folder } = this.#o;
    await ensureFolder(folder);
    const { bavail, bsize } = await statfs(folder);
    if (bavail * bsize < wanted.size + ROOM)
      throw new KanadeError('releases_full', `the disk of ${folder} has no room for ${wanted.size} bytes more`);
    const temp = join(folder, `${wanted.sha256}.${randomUUID()}`);
    try {
      await writeFileOf(temp, { path: wanted.sha256, ...wanted }, content, signal);
      await moveFile(temp, this.#path(wanted.sha256));
    } catch (error) {
      await rm(temp, { force: true }).catch(() => {});
      if (isDiskTrouble(error)) throw new KanadeError('releases_full', error.message, { cause: error });
      throw error;
    }
  }
}

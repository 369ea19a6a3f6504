import { readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { object, string } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import { atomicWrite, ensureFolder, patiently } from '#core/files/atomic-write.ts';
import { diskError, errnoOf } from '#core/files/disk-error.ts';
import type { Platform } from '../platform/platform.ts';
import { Credential } from './credential.ts';

const NAME = 'identity.json';
const ASIDE = 'set-aside';
const Sealed = object({ protected: string() });

/** Where a PC's credential is kept. */
export interface IdentityStore {
  /** Undefined when there is none. Rejects with `identity_unusable` when there is one that is not for us to read. */
  read(): Promise<Credential | undefined>;
  /** On disk when it resolves. Rejects with `disk_full` or `folder_unwritable`. */
  write(credential: Credential): Promise<void>;
  /**
   * Discards the credential (one that cannot be read is kept), and with `work` puts all that the PC was told and had to say where
   * nothing reads it; where that is.
   */
  setAside(what: { credential: boolean; work: boolean }, at: number): Promise<string>;
}

/** In the agent's folder, encrypted where the system does that (platform.ts). */
export class IdentityFile implements IdentityStore {
  readonly #dir: string;
  readonly #platform: Pick<Platform, 'protect' | 'unprotect'>;

  constructor(dir: string, platform: Pick<Platform, 'protect' | 'unprotect'>) {
    this.#dir = dir;
    this.#platform = platform;
  }

  async read(): Promise<Credential | undefined> {
    const path = join(this.#dir, NAME);
    let bytes: Uint8Array;
    try {
      bytes = await patiently(() => readFile(path));
    } catch (error) {
      if (errnoOf(error) === 'ENOENT') return undefined;
      throw diskError(error, path);
    }
    try {
      const plain = await this.#platform.unprotect(Buffer.from(decode(Sealed, bytes).protected, 'base64'));
      if (plain === undefined) throw new KanadeError('identity_unusable', `${path} was encrypted by another PC or account`);
      return decode(Credential, plain);
    } catch (error) {
      if (error instanceof KanadeError && error.code === 'bad_message')
        throw new KanadeError('identity_unusable', `${path} cannot be understood: ${error.message}`, { cause: error });
      throw error;
    }
  }

  async write(credential: Credential): Promise<void> {
    await ensureFolder(this.#dir);
    const sealed = Buffer.from(await this.#platform.protect(encode(credential))).toString('base64');
    await atomicWrite(join(this.#dir, NAME), JSON.stringify({ protected: sealed }));
  }

  async setAside({ credential, work }: { credential: boolean; work: boolean }, at: number): Promise<string> {
    const to = join(this.#dir, ASIDE, new Date(at).toISOString().replaceAll(':', '-'));
    await ensureFolder(to);
    // A key that works is the other PC's: nothing of it stays here. What nobody can read may be looked at by an admin.
    const discard = credential && (await this.#isReadable());
    // The credential last: while it is there the next start does all of this again.
    for (const name of [...(work ? ['ledger', 'outbox', 'inventory.json'] : []), ...(credential && !discard ? [NAME] : [])]) {
      await this.#unlessGone(name, (path) => rename(path, join(to, name)));
    }
    if (discard) await this.#unlessGone(NAME, (path) => rm(path));
    return to;
  }

  async #isReadable(): Promise<boolean> {
    try {
      return (await this.read()) !== undefined;
    } catch (error) {
      if (error instanceof KanadeError && error.code === 'identity_unusable') return false;
      throw error;
    }
  }

  async #unlessGone(name: string, act: (path: string) => Promise<void>): Promise<void> {
    const path = join(this.#dir, name);
    try {
      await patiently(() => act(path));
    } catch (error) {
      if (errnoOf(error) !== 'ENOENT') throw diskError(error, path);
    }
  }
}

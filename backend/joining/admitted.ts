import { join } from 'node:path';
import { array, type Infer, object, optional, string } from 'superstruct';
import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError, messageOf } from '#core/contract/errors.ts';
import { Id } from '#core/contract/ids.ts';
import { SigningKeys } from '#core/contract/joining.ts';
import { Instant } from '#core/contract/time.ts';
import { atomicWrite } from '#core/files/atomic-write.ts';
import { readIfThere } from '#core/files/read-if-there.ts';
import { Turns } from '#core/files/turns.ts';
import { type Protection, systemProtection } from '../identity/protection.ts';

/** One that the first backend has let in. */
const AdmittedBackend = object({
  backend_id: Id,
  joined_at: Instant,
  code_id: Id,
  signing_keys: SigningKeys,
  removed_at: optional(Instant),
  removed_by: optional(string()),
});
export type AdmittedBackend = Infer<typeof AdmittedBackend>;

const Kept = object({ backends: array(AdmittedBackend) });

/**
 * `<data>/identity/admitted.json` of the backend with the operator's key: whom it has let in, and with which signing keys. Accounts are
 * signed by this and by nothing that the broker says, for a backend that is in may write there what it likes of itself.
 */
export class Admitted {
  readonly #path: string;
  readonly #protection: Protection;
  readonly #turns = new Turns();
  #all: readonly AdmittedBackend[];

  private constructor(path: string, protection: Protection, all: readonly AdmittedBackend[]) {
    this.#path = path;
    this.#protection = protection;
    this.#all = all;
  }

  /** `folder`: `<data>/identity`. `identity_unreadable`: taken for empty it would put every other backend out. */
  static async open(folder: string, protection: Protection = systemProtection()): Promise<Admitted> {
    const path = join(folder, 'admitted.json');
    try {
      const kept = await readIfThere(path);
      return new Admitted(path, protection, kept === undefined ? [] : decode(Kept, await protection.unwrap(kept)).backends);
    } catch (cause) {
      const words = `${path} says which backends were let in and cannot be read (${messageOf(cause)}): put it back from a backup`;
      throw new KanadeError('identity_unreadable', words, { cause });
    }
  }

  list(): readonly AdmittedBackend[] {
    return this.#all;
  }

  get(id: string): AdmittedBackend | undefined {
    return this.#all.find(({ backend_id }) => backend_id === id);
  }

  isIn(id: string): boolean {
    const one = this.get(id);
    return one !== undefined && one.removed_at === undefined;
  }

  /** On disk before it counts. One that is there already stays as it is. */
  async add(one: AdmittedBackend): Promise<void> {
    await this.#become(() => (this.get(one.backend_id) === undefined ? [...this.#all, one] : this.#all));
  }

  /** For good. */
  async putOut(id: string, { at, by }: { at: string; by: string }): Promise<void> {
    await this.#become(() =>
      this.#all.map((one) => (one.backend_id === id && one.removed_at === undefined ? { ...one, removed_at: at, removed_by: by } : one)),
    );
  }

  #become(change: () => readonly AdmittedBackend[]): Promise<void> {
    return this.#turns.run('', async () => {
      const all = change();
      await atomicWrite(this.#path, await this.#protection.wrap(encode({ backends: all })));
      this.#all = all;
    });
  }
}

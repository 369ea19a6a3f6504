import { decode, encode } from '#core/contract/codec.ts';
import { KanadeError } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { Nats } from '#core/nats/connection.ts';
import { kvDelete, kvPut } from '#core/nats/kv.ts';
import { Mirror } from '#core/nats/mirror.ts';
import { StoredPackage } from './stored-package.ts';

const KEY = 'agent';

/** The package that new PCs get: a mirror of its bucket. There is one, or none. */
export class Packages {
  readonly #o: { nats: Nats; log: Log };
  readonly #mirror = new Mirror<StoredPackage>((bytes) => decode(StoredPackage, bytes));

  constructor(options: { nats: Nats; log: Log }) {
    this.#o = options;
  }

  start(signal: AbortSignal): Promise<void> {
    return this.#mirror.start(this.#o.nats, 'packages', { log: this.#o.log, signal });
  }

  /** Whether it is known which file it names. */
  get allRead(): boolean {
    const entry = this.#mirror.get(KEY);
    return entry === undefined || 'value' in entry;
  }

  get(): StoredPackage | undefined {
    const entry = this.#mirror.get(KEY);
    return entry && 'value' in entry ? entry.value : undefined;
  }

  /** `not_found`. */
  known(): StoredPackage {
    const stored = this.get();
    if (stored === undefined) throw new KanadeError('not_found', 'there is no package for new PCs: Publish-KanadeAgentPackage adds one');
    return stored;
  }

  /** How long the file with this hash is, if it is the package. */
  sizeOf(sha256: string): number | undefined {
    const stored = this.get();
    return stored?.sha256 === sha256 ? stored.size : undefined;
  }

  async put(stored: StoredPackage): Promise<void> {
    this.#mirror.accept(KEY, stored, await kvPut(this.#o.nats, 'packages', KEY, encode(stored)));
  }

  /** Its file goes with a later sweep. `not_found`. */
  async remove(signal: AbortSignal): Promise<StoredPackage> {
    const stored = this.known();
    await this.#mirror.reached(await kvDelete(this.#o.nats, 'packages', KEY), signal);
    return stored;
  }
}

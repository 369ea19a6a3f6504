import { type KanadeError, messageOf } from '#core/contract/errors.ts';
import type { Log } from '#core/contract/log.ts';
import type { BucketName } from '#core/contract/streams.ts';
import type { Nats } from './connection.ts';
import { type BucketEntry, watchBucket } from './watch-bucket.ts';

/** What a bucket holds under a key, or why it cannot be read. */
export type Mirrored<T> = { revision: number } & ({ value: T } | { error: string });

/**
 * A bucket in memory, followed for as long as it is needed: a watch that ends reopens and reconciles, deletions included.
 * An entry that cannot be read is one entry that cannot be read.
 */
export class Mirror<T> {
  readonly #entries = new Map<string, Mirrored<T>>();
  readonly #read: (bytes: Uint8Array, key: string) => T;
  readonly #onChange: (key: string) => void;
  /** The newest revision the watch has brought, of whatever key. */
  #seen = 0;
  readonly #looking = new Set<() => void>();

  constructor(read: (bytes: Uint8Array, key: string) => T, onChange: (key: string) => void = () => {}) {
    this.#read = read;
    this.#onChange = onChange;
  }

  /** Resolves once everything that is there has been read, or `signal` aborts. */
  start(nats: Nats, bucket: BucketName, { log, signal }: { log: Log; signal: AbortSignal }): Promise<void> {
    return new Promise((resolve) => {
      const onSnapshot = (keys: ReadonlySet<string>) => {
        for (const key of [...this.#entries.keys()]) if (!keys.has(key)) this.#drop(key);
        resolve();
      };
      const onEntry = ({ key, value, revision }: BucketEntry) => {
        if (value === undefined) this.#drop(key);
        else this.#take(key, value, revision, log);
        this.#passed(revision);
      };
      const onFault = ({ key, fault, revision }: { key: string; fault: KanadeError; revision: number }) => {
        this.#entries.set(key, { revision, error: fault.message });
        this.#onChange(key);
        this.#passed(revision);
      };
      void watchBucket(nats, bucket, { onEntry, onFault, onSnapshot, log, signal });
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }

  get(key: string): Mirrored<T> | undefined {
    return this.#entries.get(key);
  }

  keys(): IterableIterator<string> {
    return this.#entries.keys();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What this process has just written, known here before the watch brings it back. */
  accept(key: string, value: T, revision: number): void {
    this.#entries.set(key, { value, revision });
    this.#onChange(key);
  }

  /** Resolves when the watch has brought what was stored at `revision`, a deletion too; at the latest when `signal` aborts. */
  reached(revision: number, signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const look = () => {
        if (this.#seen < revision && !signal.aborted) return;
        this.#looking.delete(look);
        signal.removeEventListener('abort', look);
        resolve();
      };
      this.#looking.add(look);
      signal.addEventListener('abort', look);
      look();
    });
  }

  #passed(revision: number): void {
    this.#seen = revision;
    for (const look of [...this.#looking]) look();
  }

  #take(key: string, bytes: Uint8Array, revision: number, log: Log): void {
    const known = this.#entries.get(key);
    if (known?.revision === revision && 'value' in known) return;
    try {
      this.#entries.set(key, { revision, value: this.#read(bytes, key) });
    } catch (error) {
      const words = messageOf(error);
      log.error({ key, error: words }, 'an entry cannot be read: it alone is left out');
      this.#entries.set(key, { revision, error: words });
    }
    this.#onChange(key);
  }

  #drop(key: string): void {
    if (this.#entries.delete(key)) this.#onChange(key);
  }
}

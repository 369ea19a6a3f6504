import { timingSafeEqual } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { enums, type Infer, string, type } from 'superstruct';
import { decode } from '#core/contract/codec.ts';
import { messageOf } from '#core/contract/errors.ts';
import { Id, sha256 } from '#core/contract/ids.ts';
import type { Log } from '#core/contract/log.ts';
import { Instant } from '#core/contract/time.ts';
import type { Nats } from '#core/nats/connection.ts';
import { type BucketEntry, watchBucket } from '#core/nats/watch-bucket.ts';

/** `accounts` bucket, key `token.<id>`. 32 random bytes need no slow hash. */
export const StoredToken = type({
  id: Id,
  name: string(),
  /** SHA-256 of the whole token, hex. */
  hash: string(),
  role: enums(['admin', 'operator', 'viewer']),
  created_at: Instant,
});
export type StoredToken = Infer<typeof StoredToken>;

const PREFIX = 'token.';
const FORM = /^kan_([A-Za-z0-9_-]{1,64})_[A-Za-z0-9_-]{43}$/;

/** `kan_<id>_<32 bytes in base64url>`. */
export function tokenText(id: string, secret: Uint8Array): string {
  return `kan_${id}_${Buffer.from(secret).toString('base64url')}`;
}

/** The id in a token's text, undefined when it has not the form of one. The secret's fixed length tells the two apart. */
export function tokenId(text: string): string | undefined {
  return FORM.exec(text)?.[1];
}

export function tokenHash(text: string): string {
  return sha256(text);
}

/** A mirror of the tokens in `accounts`: no request waits for the broker to be recognised, and a token deleted there is refused here at once. */
export class Tokens {
  readonly #stored = new Map<string, StoredToken>();
  readonly #o: { nats: Nats; log: Pick<Log, 'warn' | 'error'> };
  #ready = false;

  constructor(options: { nats: Nats; log: Pick<Log, 'warn' | 'error'> }) {
    this.#o = options;
  }

  /** Whether all that is there has been read once. */
  get ready(): boolean {
    return this.#ready;
  }

  /** Follows the bucket until `signal` aborts; resolves once everything that is there has been read. */
  start(signal: AbortSignal): Promise<void> {
    const { nats, log } = this.#o;
    return new Promise((resolve) => {
      const onSnapshot = (keys: ReadonlySet<string>) => {
        for (const id of this.#stored.keys()) if (!keys.has(PREFIX + id)) this.#stored.delete(id);
        this.#ready = true;
        resolve();
      };
      signal.addEventListener('abort', () => resolve(), { once: true });
      void watchBucket(nats, 'accounts', { onEntry: (entry) => this.#take(entry), onSnapshot, log, signal });
    });
  }

  /** Whether that is what is known here under this key of the bucket; undefined: that there is no such token. */
  knows(key: string, value: Uint8Array | undefined): boolean {
    if (!key.startsWith(PREFIX)) return false;
    const stored = this.#stored.get(key.slice(PREFIX.length));
    if (stored === undefined || value === undefined) return stored === undefined && value === undefined;
    return isDeepStrictEqual(stored, decode(StoredToken, value));
  }

  /** The token this text is, undefined when there is none like it. Takes the same time for every wrong secret. */
  find(text: string): StoredToken | undefined {
    const id = tokenId(text);
    const stored = id === undefined ? undefined : this.#stored.get(id);
    if (stored === undefined) return undefined;
    const given = Buffer.from(tokenHash(text));
    const known = Buffer.from(stored.hash);
    return given.length === known.length && timingSafeEqual(given, known) ? stored : undefined;
  }

  #take({ key, value }: BucketEntry): void {
    if (!key.startsWith(PREFIX)) return;
    const id = key.slice(PREFIX.length);
    this.#stored.delete(id);
    if (value === undefined) return;
    try {
      this.#stored.set(id, decode(StoredToken, value));
    } catch (error) {
      this.#o.log.error({ bucket: 'accounts', key, error: messageOf(error) }, 'a token cannot be read: it is refused');
    }
  }
}
